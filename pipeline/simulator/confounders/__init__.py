"""Harmless oddities that resemble attacks, one file each, found by scanning this room."""
