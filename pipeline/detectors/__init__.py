"""One file a detector, found by scanning the room: a new one needs no registration."""
