"""One scenario a file, found by scan."""
