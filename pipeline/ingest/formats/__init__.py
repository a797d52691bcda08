"""Formats, one file each; a new one needs no registration."""
