"""Plays the laboratory's scenes and writes what crossed the wire and what servers logged.

    python -m benchmarks.quality.lab --out DATA/lab [SCENE …] [--list]

Root and the tools of Debian's packages are needed; what is missing is said, with the scenes that are left out for it.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.quality.lab import services
from benchmarks.quality.lab.capture import Capture
from benchmarks.quality.lab.net import LabError, Net
from benchmarks.quality.lab.scenario import Scenario, all_scenarios
from benchmarks.quality.lab.stage import Stage

QUIET = "quiet-hours"
PACKETS, TRUTH, LOGS = "packets.pcap", "scene.json", "logs"
_TOOLS = (
    "tcpdump",
    *services.TOOLS,
    "findscu",
    "movescu",
    "storescu",
    "echoscu",
    "curl",
    "mbpoll",
    "mosquitto_pub",
    "smbclient",
    "snmpget",
)
_LOGGED = ("nginx-access.log", "vsftpd.log", "mosquitto.log", "dnsmasq.log", "sshd-*.log")
_AROUND_S = 120  # ordinary work before and after a scene
_LATER_S = 600  # from the end of the quiet hours to a scene's capture


def main(words: Sequence[str] | None = None) -> int:
    """Exit status 2 where nothing can be played."""
    parser = argparse.ArgumentParser(prog="benchmarks.quality.lab", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("scenes", nargs="*", help="their names; all without")
    parser.add_argument("--out", type=Path, help="folder of the captures")
    parser.add_argument("--list", action="store_true", help="only name the scenes and what they lack here")
    options = parser.parse_args(words)
    chosen = _chosen(options.scenes)
    if options.list or options.out is None:
        for one in chosen:
            print(f"{one.name:22} {_about(one)}")
        return 0
    missing = lacking(_TOOLS)
    if missing:
        print(f"missing: {', '.join(missing)}; apt-get install their packages", file=sys.stderr)
        return 2
    try:
        _play([one for one in chosen if not lacking(one.tools)], options.out)
    except LabError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    left = [one.name for one in chosen if lacking(one.tools)]
    print(f"left out, as their tools are missing: {', '.join(left)}" if left else "all played")
    return 0


def lacking(tools: Sequence[str]) -> list[str]:
    """Programs that are not on the path (an administrator's: sbin is looked into, too)."""
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return [tool for tool in tools if shutil.which(tool, path=path) is None]


def _chosen(names: Sequence[str]) -> list[Scenario]:
    known = all_scenarios()
    unknown = sorted(set(names) - known.keys())
    if unknown:
        raise SystemExit(f"no such scene: {', '.join(unknown)}")
    # Quiet hours come first: what follows goes on from their end.
    return sorted((known[name] for name in names or known), key=lambda one: one.name != QUIET)


def _about(one: Scenario) -> str:
    missing = lacking(one.tools)
    about = (one.play.__doc__ or "").strip()
    return f"{about} (missing: {', '.join(missing)})" if missing else about


def _play(chosen: list[Scenario], out: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="wwlab-") as folder, Net() as net:
        stage = Stage(net, Path(folder))
        begin = _after_quiet(out, stage.clock.now())
        for one in chosen:
            began = time.monotonic()
            stage.random = random.Random(one.name)
            stage.restart(begin)
            _scene(stage, one, out / one.name)
            begin = _after_quiet(out, begin)
            print(
                f"{one.name:22} {time.monotonic() - began:6.1f} s, {(out / one.name / PACKETS).stat().st_size:,} bytes",
                flush=True,
            )


def _after_quiet(out: Path, otherwise: float) -> float:
    """When scenes begin: some minutes after the quiet hours that are there."""
    quiet = out / QUIET / TRUTH
    return float(json.loads(quiet.read_text())["end"]) + _LATER_S if quiet.exists() else otherwise


def _scene(stage: Stage, one: Scenario, out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    (out / LOGS).mkdir(parents=True)
    before = {path: path.stat().st_size for pattern in _LOGGED for path in stage.folder.glob(pattern)}
    around = 0 if one.name == QUIET else _AROUND_S
    with Capture(stage.net, "ward", out / PACKETS, stage.clock):
        stage.wait(around)
        one.play(stage)
        stage.wait(around)
    for pattern in _LOGGED:
        for path in stage.folder.glob(pattern):
            (out / LOGS / path.name).write_bytes(path.read_bytes()[before.get(path, 0) :])
    scanners = stage.folder / "scanners.txt"
    listed = scanners.read_text().split() if scanners.exists() else []
    scanners.unlink(missing_ok=True)
    truth = {
        "name": one.name, "by": stage.named(one.by), "half": one.half, "scanners": listed, "end": stage.clock.now()
    }  # fmt: skip
    (out / TRUTH).write_text(json.dumps(truth))


if __name__ == "__main__":
    sys.exit(main())
