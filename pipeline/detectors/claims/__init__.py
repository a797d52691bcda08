"""Detectors on the source `claims`."""
