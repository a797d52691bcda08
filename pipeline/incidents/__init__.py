"""Findings of all detectors → incidents: linked, weighed, told once."""
