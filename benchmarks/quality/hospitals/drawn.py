"""Chance that is the same for the same text, in every run."""

import hashlib


def drawn(text: str) -> float:
    """In [0, 1)."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest()) / 2**48
