"""Tests of detectors on ehr."""
