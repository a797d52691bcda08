"""A collection's files in two halves: one to look into, one that is only counted."""

import hashlib

HALVES = ("looked into", "report")


def in_half(name: str, half: str) -> bool:
    """By the hash of the name, so that neither choice nor order decides."""
    report = hashlib.sha1(name.encode(), usedforsecurity=False).digest()[0] % 2 == 0
    return report == (half == "report")
