"""The socket that a machine's programs log to, and the lines as a syslog daemon keeps them."""

import re
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path

_PRIORITY = re.compile(rb"^<\d{1,3}>(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )?")


class Syslog:
    """Takes what comes to a datagram socket and writes it as lines with ISO times and the host's name until `close`."""

    def __init__(self, path: Path, log: Path, host: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._host, self._log = host.encode(), log
        threading.Thread(target=self._take, daemon=True).start()

    def close(self) -> None:
        """No more lines are taken."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _take(self) -> None:
        with self._log.open("ab", buffering=0) as log:
            while True:
                try:
                    words = self._socket.recv(65536)
                except OSError:
                    return
                if not words:
                    return
                at = datetime.now(UTC).isoformat(timespec="milliseconds").encode()
                log.write(b" ".join((at, self._host, _PRIORITY.sub(b"", words).strip(b"\n\0"))) + b"\n")
