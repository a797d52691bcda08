"""Switches, routers and hosts as Linux network namespaces, and bounded processes in them.

Everything, the switches too, lives in namespaces of its own, named `wwlab-PID-NAME`: nothing is added to the machine's
network, there is no way out of it, and two laboratories do not meet. Whatever was started in them ends with them, also
on Ctrl-C; what a killed laboratory left behind the next one takes away (`sweep`).
"""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

_PREFIX = "wwlab"
_NAMED = Path("/run/netns")
_ETC = Path("/etc/netns")  # `ip netns exec` lays files of a folder there over those of /etc
_OFFLOADS = ("tso", "gso", "gro", "tx", "rx")  # or frames of 64 KiB without checksums are captured
_GRACE_S = 3


class LabError(RuntimeError):
    """The laboratory cannot be built or a part of it does not start."""


@dataclass(frozen=True)
class Host:
    """One machine: its name in the laboratory, namespace, address and MAC on the first switch it was put on."""

    name: str
    space: str
    address: str
    mac: str


def sweep() -> None:
    """Ends what laboratories have left whose process is gone."""
    for space in sorted(path.name for path in _NAMED.glob(f"{_PREFIX}-*")) if _NAMED.is_dir() else []:
        if not Path("/proc", space.split("-")[1]).exists():
            _end_space(space)


class Net:
    """A laboratory's network; a context manager that takes everything away at its end.

    Raises LabError where not root or `ip` or `ethtool` is missing.
    """

    def __init__(self) -> None:
        missing = [tool for tool in ("ip", "ethtool") if shutil.which(tool) is None]
        if missing:
            raise LabError(f"missing: {', '.join(missing)} (packages iproute2, ethtool)")
        if os.geteuid() != 0:
            raise LabError("network namespaces need root")
        sweep()
        self.hosts: dict[str, Host] = {}
        self._spaces: list[str] = []
        self._started: list[subprocess.Popen[bytes]] = []
        self._links = 0

    def __enter__(self) -> Self:
        # A termination has to unwind as Ctrl-C does.
        self._before = signal.signal(signal.SIGTERM, _interrupt)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        ignored = {one: signal.signal(one, signal.SIG_IGN) for one in (signal.SIGINT, signal.SIGTERM)}
        for process in self._started:
            _end(process)
        for space in self._spaces:
            _end_space(space)
        signal.signal(signal.SIGINT, ignored[signal.SIGINT])
        signal.signal(signal.SIGTERM, self._before)

    def switch(self, name: str) -> Host:
        """A switch; what crosses it is seen on its link `br0`."""
        space = self._space(name)
        _ip("-n", space, "link", "add", "br0", "type", "bridge", "forward_delay", "0")
        _ip("-n", space, "link", "set", "br0", "up")
        self.hosts[name] = Host(name, space, "", "")
        return self.hosts[name]

    def host(
        self,
        name: str,
        switch: str,
        address: str,
        mac: str,
        *,
        gateway: str | None = None,
        nameserver: str | None = None,
    ) -> Host:
        """A machine on a switch. `address` with its prefix length (10.77.0.5/24); the link is called `eth0`."""
        host = Host(name, self._space(name), address.split("/")[0], mac)
        self.hosts[name] = host
        self.plug(name, switch, address, mac)
        if gateway is not None:
            _ip("-n", host.space, "route", "add", "default", "via", gateway)
        if nameserver is not None:
            self.lay(name, "resolv.conf", f"nameserver {nameserver}\noptions timeout:1 attempts:1\n")
        return host

    def lay(self, name: str, file: str, words: str) -> None:
        """A file of /etc as processes on this machine, started from now on, see it."""
        folder = _ETC / self.hosts[name].space
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(words)

    def plug(self, name: str, switch: str, address: str, mac: str, link: str = "eth0") -> None:
        """Another link of a machine; address "" gives it none."""
        space, port = self.hosts[name].space, f"p{self._links}"
        self._links += 1
        _ip("-n", space, "link", "add", link, "address", mac, "type", "veth", "peer", "name", port)
        _ip("-n", space, "link", "set", port, "netns", self.hosts[switch].space)
        for at, end in ((space, link), (self.hosts[switch].space, port)):
            _run(["ip", "netns", "exec", at, "ethtool", "-K", end, *(w for one in _OFFLOADS for w in (one, "off"))])
        _ip("-n", self.hosts[switch].space, "link", "set", port, "master", "br0", "up")
        if address:
            _ip("-n", space, "address", "add", address, "dev", link)
        _ip("-n", space, "link", "set", link, "up")

    def router(self, name: str, legs: Sequence[tuple[str, str, str]]) -> Host:
        """A router with legs of (switch, address with prefix length, MAC); the first is its own address."""
        switch, address, mac = legs[0]
        host = self.host(name, switch, address, mac)
        for number, (switch, address, mac) in enumerate(legs[1:], 1):
            self.plug(name, switch, address, mac, f"eth{number}")
        self.run(name, ["sysctl", "-q", "-w", "net.ipv4.ip_forward=1"])
        return host

    def run(
        self, name: str, command: Sequence[str], timeout_s: float = 20, words: bytes = b"", cwd: Path | None = None
    ) -> bytes:
        """What a command on a machine prints (both streams); after timeout_s it and what it started are ended."""
        process = self._popen(name, command, subprocess.PIPE, cwd)
        try:
            return process.communicate(words, timeout=timeout_s)[0]
        except subprocess.TimeoutExpired:
            return b""
        finally:
            _end(process)
            self._started.remove(process)

    def start(self, name: str, command: Sequence[str], log: Path | None = None, cwd: Path | None = None) -> int:
        """A process that runs until the laboratory ends, or `stop`: its id. Its output goes to `log`."""
        with contextlib.ExitStack() as stack:
            out = stack.enter_context(log.open("ab")) if log else subprocess.DEVNULL
            return self._popen(name, command, out, cwd).pid

    def stop(self, pid: int) -> None:
        """Ends a process of `start`, politely first."""
        for process in [one for one in self._started if one.pid == pid]:
            _end(process)
            self._started.remove(process)

    def _popen(
        self, name: str, command: Sequence[str], out: int | IO[bytes], cwd: Path | None
    ) -> subprocess.Popen[bytes]:
        words_in = subprocess.PIPE if out == subprocess.PIPE else subprocess.DEVNULL
        process = subprocess.Popen(
            ["ip", "netns", "exec", self.hosts[name].space, *command],
            cwd=cwd, start_new_session=True, stdin=words_in, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._started.append(process)
        return process

    def _space(self, name: str) -> str:
        if name in self.hosts:
            raise LabError(f"two machines are called {name}")
        space = f"{_PREFIX}-{os.getpid()}-{name}"
        _ip("netns", "add", space)
        self._spaces.append(space)
        # Nothing of IPv6 unless a scenario turns it on: its chatter would tell namespaces from real machines.
        _run(["ip", "netns", "exec", space, "sysctl", "-q", "-w", "net.ipv6.conf.default.disable_ipv6=1"])
        _ip("-n", space, "link", "set", "lo", "up")
        return space


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _ip(*words: str) -> None:
    _run(["ip", *words])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    if done.returncode:
        raise LabError(f"{' '.join(command)}: {done.stderr.strip()}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """The process and its group while it runs; what outlives it is ended with its namespace."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_S)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def _end_space(space: str) -> None:
    """A namespace with all that runs in it: daemons that left their group are there, and nobody else's processes."""
    for pid in _pids(space):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    subprocess.run(["ip", "netns", "delete", space], capture_output=True, check=False, timeout=20)
    shutil.rmtree(_ETC / space, ignore_errors=True)


def _pids(space: str) -> Iterator[int]:
    done = subprocess.run(["ip", "netns", "pids", space], capture_output=True, text=True, check=False, timeout=20)
    yield from (int(word) for word in done.stdout.split())
