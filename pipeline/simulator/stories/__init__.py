"""Attacks, one file a story, found by scanning this room."""
