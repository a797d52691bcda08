"""What carries actions out: one file a kind of receiver."""
