"""What ICMP and SCTP say in their heads."""

_ANSWERS = {4: {8: 0, 13: 14, 15: 16, 17: 18}, 6: {128: 129, 139: 140}}
"""Questions of ICMP, by the version of IP, and what answers them."""
_LOOSE = {4: {10: 9, 9: 10}, 6: {133: 134, 134: 133, 135: 136, 136: 135, 130: 131, 131: 130}}
"""Those that are also said without a question."""
_BELONGS = {
    version: loose | _ANSWERS[version] | {answer: asked for asked, answer in _ANSWERS[version].items()}
    for version, loose in _LOOSE.items()
}
_DATA = 0


def asked(kind: int, code: int, version: int) -> tuple[int, int]:
    """What stands in the place of ports: the type and the one that answers it, or the type and its code.

    >>> asked(8, 0, 4), asked(0, 0, 4), asked(3, 1, 4)
    ((8, 0), (0, 8), (3, 1))
    """
    return kind, _BELONGS[version].get(kind, code)


def is_answer(kind: int, other: int) -> bool:
    """Whether the message answers a question, by its type and the one that belongs to it."""
    return any(pairs.get(other) == kind for pairs in _ANSWERS.values())


def data_of_sctp(packet: bytes) -> int:
    """Bytes of data in it, as its chunks say (RFC 9260)."""
    at, found = 12, 0
    while at + 4 <= len(packet):
        length = packet[at + 2] << 8 | packet[at + 3]
        if length < 4:
            break
        if packet[at] == _DATA:
            found += max(length - 16, 0)
        at += (length + 3) // 4 * 4
    return found
