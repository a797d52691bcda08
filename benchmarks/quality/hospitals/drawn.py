"""Chance that is the same for the same text, in every run."""

import hashlib


def drawn(text: str) -> float:
    """In [0, 1)."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest()) / 2**48


def other_id(event_id: str, mark: str) -> str:
    """The id of one more record of the same event."""
    return hashlib.blake2b(f"{event_id} {mark}".encode(), digest_size=16).hexdigest()
