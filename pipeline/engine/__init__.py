"""Batch in, rows and findings out: no I/O, no clock, no globals."""
