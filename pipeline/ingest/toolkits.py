"""Libraries that attackers' tools are made of, as what they say on the wire gives them away."""

IMPACKET = "impacket"
SPEAKS_SMB, ASKS_FOR_TICKETS = "SMB::CLIENT", "KERBEROS::CLIENT"
"""Where they are seen, as Zeek would name a piece of software there."""
_CLIENT_BYTES = 16


def is_impackets(client: bytes) -> bool:
    """Whether the number that a client of SMB 2 gives itself (MS-SMB2, 2.2.3, ClientGuid) is impacket's: of letters
    only, where others put a random one, which has none but letters once in 10^11 times.

    >>> is_impackets(b"kQwErTyUiOpAsDfG"), is_impackets(bytes(16))
    (True, False)
    """
    return len(client) == _CLIENT_BYTES and client.isalpha()
