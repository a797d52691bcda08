"""What the flags that both sides of a TCP connection showed say, in Zeek's words."""

_LETTERS = {"F": 0x01, "S": 0x02, "R": 0x04, "P": 0x08}
FIN, SYN, RST, PSH = _LETTERS.values()


def bits_of(letters: str) -> int:
    """The flags that letters stand for: `FSPA` → FIN, SYN and PSH."""
    return sum(bit for letter, bit in _LETTERS.items() if letter in letters)


def connection_state(out: int, back: int) -> str:
    """Zeek's `conn_state` of the flags that the originator (`out`) and the responder (`back`) ever set.

    >>> connection_state(SYN, 0), connection_state(SYN, RST), connection_state(SYN | FIN | PSH, SYN | FIN | PSH)
    ('S0', 'REJ', 'SF')
    """
    if not out & SYN:
        return "OTH"  # the middle of a connection
    if not back & SYN:
        return "REJ" if back & RST else "S0"
    if out & RST:
        return "RSTO"
    if back & RST:
        return "RSTR"
    return ("S1", "S2", "S3", "SF")[bool(out & FIN) + 2 * bool(back & FIN)]


def payload(size: int | None, flags: int | None) -> int | None:
    """Bytes of one side as a sensor counts them with headers; none where it never pushed any (RFC 9293, 3.9.1.2)."""
    return 0 if flags is not None and size and not flags & PSH else size
