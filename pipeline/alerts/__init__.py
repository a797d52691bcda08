"""Findings → alerts: repeated ones are counted, not repeated."""
