"""Detectors on the source `ehr`."""
