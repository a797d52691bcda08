"""Tests of detectors on claims."""
