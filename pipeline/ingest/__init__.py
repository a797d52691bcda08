"""Bytes of a format → events. One file a format in `formats/`, found by scanning the room."""
