"""The public suffixes (publicsuffix.org, ICANN and private): under which names are registered."""

from functools import cache

from publicsuffixlist import PublicSuffixList


@cache
def public_suffixes() -> PublicSuffixList:
    """The list, read once a process: that takes half a second."""
    return PublicSuffixList()
