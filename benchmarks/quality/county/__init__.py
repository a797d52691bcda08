"""A third hospital: a county's, with its clinics, told by what its information technology can export.

It shares no code, habit or format with `pipeline.simulator` (our own events) or `benchmarks.quality.elsewhere` (FHIR):
an audit report, lists and visits as CSV, orders and the schedule as HL7 version 2, claims as X12 837 and CSV. Logins
are in the audit report, provider numbers in visits, national ones in messages and claims; the staff list has all three.
See `__main__`.
"""
