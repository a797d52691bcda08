"""Detectors that tell in other words that an account did what its owner does not."""

SIGNS = ("ehr.mass_export", "ehr.new_workstation", "ehr.shared_account")
"""What several of them find of a user within a day is one case."""


def others(own: str) -> tuple[str, ...]:
    """All but one."""
    return tuple(name for name in SIGNS if name != own)
