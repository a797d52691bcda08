"""Detectors on the source `logs`."""
