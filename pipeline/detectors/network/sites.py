"""Whether a host belongs to one of a set of sites: is one of them, or lies under one."""

from collections.abc import Set as AbstractSet


def lies_under(host: str, sites: AbstractSet[str]) -> bool:
    """`host` in lower case, without port; of its names from the whole down to two labels, one is in `sites`.

    >>> lies_under("update.eset.com", {"eset.com"}), lies_under("eset.com.example.net", {"eset.com"})
    (True, False)
    """
    labels = host.strip(".").split(".")
    return any(".".join(labels[k:]) in sites for k in range(len(labels) - 1))
