"""Tests of detectors on devices."""
