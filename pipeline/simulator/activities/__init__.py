"""Benign life, one file an activity, found by scanning this room."""
