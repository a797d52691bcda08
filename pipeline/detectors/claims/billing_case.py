"""What is told of one provider's billing is one case: whoever looks into it asks for the provider's files once."""

CASE_DAYS = 7
WAITED_DAYS = 14
"""Where claims come a week late, as they wait for care: a case would be over when it begins."""
SIGNS = (
    "claims.duplicate", "claims.impossible_day", "claims.unbundling", "claims.unlisted_pairs", "claims.upcoding",
)  # fmt: skip
"""Detectors that see a provider's claims as they are billed: what several of them find within a day is one case."""


def others(own: str) -> tuple[str, ...]:
    """All but one."""
    return tuple(name for name in SIGNS if name != own)
