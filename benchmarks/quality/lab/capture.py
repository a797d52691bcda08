"""What crosses a switch, written by tcpdump, with hours that pass in no time.

A laboratory cannot wait for hours. `Clock.skip` says that so many seconds pass at once; the capture's times after it
are later by as much. What happens between two skips keeps its real pace: a connection that was open across one was open
for as long as it says, while its machines' own timers know of real time only.
"""

import struct
import time
from bisect import bisect_right
from pathlib import Path
from typing import Self

from benchmarks.quality.lab.net import LabError, Net

_SETTLE_S = 0.3  # packets on their way, and tcpdump's buffer
_HEADER, _RECORD = 24, struct.Struct("<IIII")
_MICROSECONDS = b"\xd4\xc3\xb2\xa1"


class Clock:
    """The laboratory's time: the machine's, and what was skipped."""

    def __init__(self) -> None:
        self._at: list[float] = []
        self._skipped: list[float] = [0.0]

    def skip(self, seconds: float) -> None:
        """So many seconds pass at once. Raises ValueError below 0."""
        if seconds < 0:
            raise ValueError("time does not go back")
        self.set(self.now() + seconds)

    def set(self, moment: float) -> None:
        """It is this moment now, seconds since 1970, also an earlier one: for another capture."""
        real = time.time()
        self._at.append(real)
        self._skipped.append(moment - real)

    def now(self) -> float:
        """Seconds since 1970, those skipped among them."""
        return time.time() + self._skipped[-1]

    def later(self, real: float) -> float:
        """The laboratory's time of a moment of the machine's."""
        return real + self._skipped[bisect_right(self._at, real)]


class Capture:
    """A context manager: tcpdump on a switch while it is open, its file's times in the laboratory's clock after it."""

    def __init__(self, net: Net, switch: str, path: Path, clock: Clock) -> None:
        self._net, self._switch, self._path, self._clock = net, switch, path, clock

    def __enter__(self) -> Self:
        self._path.unlink(missing_ok=True)
        # Without immediate mode what the kernel has gathered for a second is lost at the end.
        how = ["-U", "--immediate-mode", "-B", "32768", "-s", "0", "-Z", "root"]
        command = ["tcpdump", "-i", "br0", *how, "-w", str(self._path)]
        self._pid = self._net.start(self._switch, command)
        until = time.time() + 10
        while not (self._path.exists() and self._path.stat().st_size >= _HEADER):
            if time.time() > until:
                raise LabError("tcpdump does not start")
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(_SETTLE_S)
        self._net.stop(self._pid)
        self._path.write_bytes(shifted(self._path.read_bytes(), self._clock))


def shifted(packets: bytes, clock: Clock) -> bytes:
    """A pcap (microseconds, little-endian) with its times in the clock's; what a last packet lacks is cut off."""
    if packets[:4] != _MICROSECONDS:
        raise LabError("no pcap of microseconds")
    out = bytearray(packets[:_HEADER])
    at = _HEADER
    while at + _RECORD.size <= len(packets):
        seconds, micros, kept, length = _RECORD.unpack_from(packets, at)
        end = at + _RECORD.size + kept
        if end > len(packets):
            break
        moment = round(clock.later(seconds + micros / 1e6) * 1e6)
        out += _RECORD.pack(moment // 1_000_000, moment % 1_000_000, kept, length)
        out += packets[at + _RECORD.size : end]
        at = end
    return bytes(out)
