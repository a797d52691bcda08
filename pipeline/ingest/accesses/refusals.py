"""What a table of hospitals, payers or registers is that tells no event by itself, and what to do with it."""

from pipeline.ingest.accesses import tongues
from pipeline.ingest.accesses.name_roles import worded_places
from pipeline.ingest.accesses.names import SUBJECT
from pipeline.ingest.tables import plain_name

_PATIENTS = frozenset(f"{SUBJECT} {tongues.PATIENT} uniquepid patientunitstayid".split())
_FEWEST_OFFSETS = 2
_EXCLUDED = (
    "a list of providers who are excluded, which tells no event: give it to a scan of claims as --list"
    " excluded_providers=FILE"
)
_PAIRS = "a list of pairs of codes, which tells no event: give it to a scan of claims as --list code_pairs=FILE"
_SUMS = (
    "a directory or sums of providers, without patients and days: who is of one specialty is told to a scan of claims"
    " by --list peer_groups=FILE (a provider and a group a row)"
)
_OFFSETS = "times that count from the beginning of each stay and so have no day"
_NOBODY = (
    "rows about patients that do not say when something was done and by whom (an account, a provider's number): they"
    " neither are accesses nor explain one; where they do, name the columns in a mapping file (--mapping)"
)


def what_it_is(names: list[str]) -> str | None:
    """A part of a sentence about a table with these columns; None where nothing is known of it."""
    plain = {plain_name(name) for name in names}
    if plain & {"excldate", "excltype", "exclusiondate"}:
        return _EXCLUDED
    if {"column1", "column2"} <= plain:
        return _PAIRS
    if sum(name.endswith("offset") for name in plain) >= _FEWEST_OFFSETS:
        return _OFFSETS
    if plain & _PATIENTS or "patient" in worded_places("access", names):
        return _NOBODY
    is_of_providers = any(name.endswith("npi") for name in plain)
    return _SUMS if is_of_providers else None
