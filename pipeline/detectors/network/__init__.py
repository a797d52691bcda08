"""Detectors on the source `network`."""
