"""X12 health care claims (837), segment by segment."""
