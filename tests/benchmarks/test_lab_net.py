"""The laboratory's network: one is built where the tests may (root, iproute2), its clock anywhere."""

import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

import pytest

from benchmarks.quality.lab.capture import Capture, Clock, shifted
from benchmarks.quality.lab.net import LabError, Net

TOOLS = ("ip", "ethtool", "tcpdump", "ping", "sysctl")
builds = pytest.mark.skipif(
    os.geteuid() != 0 or any(shutil.which(tool) is None for tool in TOOLS),
    reason=f"network namespaces need root and {', '.join(TOOLS)}",
)
HEADER = b"\xd4\xc3\xb2\xa1" + bytes(20)


def _packet(moment: float, words: bytes) -> bytes:
    return struct.pack("<IIII", int(moment), round(moment % 1 * 1e6), len(words), len(words)) + words


def test_packets_after_a_skip_are_later_by_it_and_a_cut_one_is_left_out() -> None:
    clock, before = Clock(), time.time() - 5
    clock.skip(3600)
    clock.skip(60)
    after = time.time() + 5
    out = shifted(HEADER + _packet(before, b"one") + _packet(after, b"two") + _packet(after, b"three")[:-1], clock)
    records = [struct.unpack_from("<II", out, at) for at in (24, 24 + 16 + 3)]
    assert len(out) == 24 + 2 * (16 + 3)
    assert [s + m / 1e6 for s, m in records] == pytest.approx([before, after + 3660], abs=1e-5)
    with pytest.raises(LabError):
        shifted(b"no capture", clock)
    with pytest.raises(ValueError, match="back"):
        clock.skip(-1)


@builds
def test_machines_meet_over_a_router_and_nothing_is_left_of_them(tmp_path: Path) -> None:
    path, clock = tmp_path / "ward.pcap", Clock()
    with Net() as net:
        net.switch("ward")
        net.switch("outside")
        legs = [("ward", "10.77.0.1/24", "02:00:00:00:00:01"), ("outside", "198.18.0.1/15", "02:00:00:00:00:02")]
        net.router("router", legs)
        net.host("desk", "ward", "10.77.0.5/24", "02:00:00:00:00:03", gateway="10.77.0.1", nameserver="10.77.0.2")
        net.host("far", "outside", "198.18.7.7/15", "02:00:00:00:00:04", gateway="198.18.0.1")
        with Capture(net, "ward", path, clock):
            assert b"1 received" in net.run("desk", ["ping", "-c", "1", "198.18.7.7"])
            clock.skip(3600)
            assert b"10.77.0.2" in net.run("desk", ["cat", "/etc/resolv.conf"])
            net.run("desk", ["ping", "-c", "1", "198.18.7.7"])
            stays = net.start("desk", ["sh", "-c", "setsid sleep 600 & exec sleep 600"])
        with pytest.raises(LabError, match="two machines"):
            net.switch("ward")
        spaces = [host.space for host in net.hosts.values()]
    assert not [space for space in spaces if Path("/run/netns", space).exists()]
    assert not Path("/proc", str(stays)).exists()
    words = path.read_bytes()
    times, at = [], 24
    while at < len(words):
        seconds, _, kept, _ = struct.unpack_from("<IIII", words, at)
        times.append(seconds)
        at += 16 + kept
    assert times[-1] - times[0] >= 3600


@builds
def test_a_command_that_hangs_is_ended_and_so_is_what_a_killed_laboratory_left() -> None:
    with Net() as net:
        net.switch("ward")
        net.host("desk", "ward", "10.77.0.5/24", "02:00:00:00:00:03")
        assert net.run("desk", ["sleep", "60"], timeout_s=0.2) == b""
        assert net.run("desk", ["echo", "next"]) == b"next\n"
    stale = "wwlab-4194303-gone"  # a number that no process has here
    if not Path("/proc/4194303").exists():
        subprocess.run(["ip", "netns", "add", stale], check=True)
        with Net():
            assert not Path("/run/netns", stale).exists()
