"""Lines that one end of a connection says, as mail and files are spoken of."""

LONGEST = 4_096


class Lines:
    """One after the other; a longer one than 4 kB comes in pieces of some such length."""

    __slots__ = ("_begun",)

    def __init__(self) -> None:
        self._begun = b""

    def take(self, payload: bytes, at: int) -> tuple[bytes | None, int]:
        """(the line that ends in the payload from `at` on, without its end, where it goes on); no line where more has
        to come."""
        end = payload.find(b"\n", at)
        if end < 0:
            self._begun += payload[at:]
            if len(self._begun) <= LONGEST:
                return None, len(payload)
            line, self._begun = self._begun, b""
            return line, len(payload)
        line, self._begun = self._begun + payload[at:end], b""
        return line.removesuffix(b"\r"), end + 1

    def drop(self) -> None:
        """What was begun is nobody's line any more."""
        self._begun = b""
