"""A TCP proxy between worker and ClickHouse that can lose the reply to an insert which the server has done."""

import re
import selectors
import socket
import threading
from types import TracebackType
from typing import Self

_INSERT = rb"INSERT(?:\s|\+|%%20)+INTO(?:\s|\+|%%20)+[\w.`%%]{0,120}?%s"
_READ = 1 << 16
_POLL_S = 0.1


class Proxy:
    """Listens on a free loopback port and passes on; `lose(n)` cuts n connections when the server answers an insert."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_POLL_S)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._to_lose, self._insert = 0, re.compile(_INSERT % b"")
        self.lost = 0
        """Replies that never arrived."""
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        """Where workers find it."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def lose(self, replies: int, table: str = "") -> None:
        """From now on, so many replies to inserts, into any table or into one."""
        with self._lock:
            self._to_lose += replies
            self._insert = re.compile(_INSERT % table.encode(), re.IGNORECASE)

    @property
    def owes(self) -> bool:
        """Whether replies are still to be lost."""
        return self._to_lose > 0

    def __enter__(self) -> Self:
        self._thread(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _thread(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name="proxy")  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            self._thread(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                with socket.create_connection(self._server) as server:
                    self._pass_on(client, server)
            except OSError:
                return  # either side has gone: so does the other

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        request = b""
        with selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ)
            selector.register(server, selectors.EVENT_READ)
            while not self._stopping.is_set():
                for key, _ in selector.select(_POLL_S):
                    data = (client if key.fileobj is client else server).recv(_READ)
                    if not data:
                        return
                    if key.fileobj is client:
                        request = (request + data)[:_READ]
                        server.sendall(data)
                    elif self._loses(request):
                        return
                    else:
                        request = b""
                        client.sendall(data)

    def _loses(self, request: bytes) -> bool:
        with self._lock:
            if not self._to_lose or not self._insert.search(request):
                return False
            self._to_lose -= 1
            self.lost += 1
            return True
