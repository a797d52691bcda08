"""Starts the parts of one machine in order, watches them, stops them in reverse, and leaves no orphan."""

import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from types import FrameType, TracebackType
from typing import Protocol, Self

_FAST_STOP_S = 2.0
_POLL_S = 0.2


class Service(Protocol):
    """What the supervisor needs of a part; LocalKafka, LocalClickHouse and ManagedProcess are such."""

    @property
    def name(self) -> str:
        """What the part is called in messages."""

    def start(self) -> None:
        """Start it and wait until it is ready, or raise LocalServiceError."""

    def stop(self, timeout_s: float = ...) -> None:
        """End it in order within the time, else by force."""

    def alive(self) -> bool:
        """Whether it runs."""

    def last_words(self) -> str:
        """Its last meaningful log line."""


class Supervisor:
    """An ordered list of services as one: use it as a context manager in the main thread.

    SIGINT and SIGTERM make `watch` return, so that everything stops in reverse order; a second one cuts the wait
    for each part to 2 s, after which it is killed. If this process is killed, the kernel ends the parts too.
    """

    def __init__(self, services: Sequence[Service], *, stop_s: float = 20.0) -> None:
        self._services = list(services)
        self._stop_s = stop_s
        self._started: list[Service] = []
        self._signals = 0
        self._starting = False
        self._previous: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}

    @property
    def stopping(self) -> bool:
        """Whether a signal asked us to stop."""
        return self._signals > 0

    def start(self) -> None:
        """Start all services in order; when one fails, those before it are stopped and its error is raised.

        A signal meanwhile stops them too and raises KeyboardInterrupt.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            self._previous[number] = signal.signal(number, self._on_signal)
        self._starting = True
        try:
            for service in self._services:
                self._started.append(service)
                service.start()
        except BaseException:
            self._starting = False
            self.stop()
            raise
        self._starting = False

    def add(self, service: Service) -> None:
        """Start one more service; it is stopped before the earlier ones."""
        self._started.append(service)
        service.start()

    def watch(self, timeout_s: float | None = None) -> str | None:
        """Wait until a service dies and return its name; None when a signal or the time ended the wait."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while not self.stopping:
            for service in self._started:
                if not service.alive():
                    return service.name
            if deadline is not None and time.monotonic() >= deadline:
                return None
            time.sleep(_POLL_S)
        return None

    def stop(self) -> None:
        """Stop what was started, in reverse; an error of one does not keep the others running."""
        failed: Exception | None = None
        while self._started:
            service = self._started.pop()
            try:
                self._stop_one(service)
            except Exception as error:
                failed = failed or error
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._previous.clear()
        if failed is not None:
            raise failed

    def _stop_one(self, service: Service) -> None:
        """Stop in a helper thread, so that a second signal can cut the wait short from here."""
        hurried = self._signals > 1
        stopper = ThreadPoolExecutor(max_workers=1)
        outcome = stopper.submit(service.stop, _FAST_STOP_S if hurried else self._stop_s)
        while not wait([outcome], _POLL_S).done:
            if self._signals > 1 and not hurried:
                hurried = True
                service.stop(_FAST_STOP_S)
        stopper.shutdown()
        outcome.result()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1
        if self._starting:
            raise KeyboardInterrupt

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
