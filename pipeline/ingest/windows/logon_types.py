"""How Windows' types of log-on are called in words, and the numbers that its events have for them."""

from pipeline.ingest.tables import plain_name

_NUMBERS = {
    "interactive": "2", "network": "3", "batch": "4", "service": "5", "unlock": "7", "networkcleartext": "8",
    "newcredentials": "9", "remoteinteractive": "10", "cachedinteractive": "11", "cachedremoteinteractive": "12",
}  # fmt: skip


def logon_type(word: str) -> str:
    """The number of a type; what is no known word stays as it is.

    >>> logon_type("RemoteInteractive"), logon_type("3")
    ('10', '3')
    """
    return _NUMBERS.get(plain_name(word), word)
