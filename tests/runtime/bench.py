"""The fault suite's harness, under the names by which the tests of this room know it."""

from benchmarks.faults.harness import LIMIT_S, Bench
from benchmarks.faults.outcome import Outcome, compare, outcome, scanned
from benchmarks.faults.records import Record, hostile_records, write_inventory

__all__ = [
    "LIMIT_S",
    "Bench",
    "Outcome",
    "Record",
    "compare",
    "hostile_records",
    "outcome",
    "scanned",
    "write_inventory",
]
