"""Scenes of the laboratory and what is said of them; where it may, one is played whole."""

import json
import os
import shutil
import struct
from pathlib import Path

import pytest

from benchmarks.quality.halves import HALVES, in_half
from benchmarks.quality.lab import house
from benchmarks.quality.lab.__main__ import LOGS, PACKETS, QUIET, TRUTH, lacking, main
from benchmarks.quality.lab.daemons.mllp_send import message
from benchmarks.quality.lab.daemons.registers import answer
from benchmarks.quality.lab.judged import Scene, scenes
from benchmarks.quality.lab.scenario import all_scenarios
from benchmarks.quality.lab.services import TOOLS
from benchmarks.quality.options import Options
from benchmarks.quality.parts import lab

ROGUE = house.WARD[house.ROGUE][0]
NO_PACKETS = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)
GUESS = "Nov 27 21:00:{:02d} app sshd[700]: Failed password for root from {} port {} ssh2"


def _scene(folder: Path, name: str, by: list[str], lines: list[str]) -> None:
    (folder / name / LOGS).mkdir(parents=True)
    (folder / name / PACKETS).write_bytes(NO_PACKETS)
    (folder / name / LOGS / "sshd-app.log").write_text("\n".join(lines) + "\n")
    truth = {"name": name, "by": by, "scanners": [], "end": 1.8e9}
    (folder / name / TRUTH).write_text(json.dumps(truth))


def test_scenes_say_what_they_are_and_who_attacks() -> None:
    known = all_scenarios()
    assert QUIET in known and not known[QUIET].by
    assert all(one.play.__doc__ and set(one.by) <= house.WARD.keys() for one in known.values())
    for half in HALVES:
        kinds = {bool(one.by) for name, one in known.items() if in_half(name, half)}
        assert kinds == {True, False}


def test_it_lists_its_scenes_and_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert set(all_scenarios()) == {line.split()[0] for line in capsys.readouterr().out.splitlines()}
    assert lacking(["sh", "no-such-tool"]) == ["no-such-tool"]
    with pytest.raises(SystemExit, match="no such scene: nothing"):
        main(["nothing"])


def test_without_tools_or_root_nothing_is_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("benchmarks.quality.lab.__main__._TOOLS", ("no-such-tool",))
    assert main(["--out", str(tmp_path), "crawler"]) == 2
    assert "missing: no-such-tool" in capsys.readouterr().err
    monkeypatch.setattr("benchmarks.quality.lab.__main__._TOOLS", ())
    monkeypatch.setattr("benchmarks.quality.lab.net.shutil.which", lambda tool, path=None: tool)
    monkeypatch.setattr("benchmarks.quality.lab.net.os.geteuid", lambda: 1000)
    assert main(["--out", str(tmp_path), "crawler"]) == 2
    assert "need root" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


def test_an_alert_is_right_where_it_names_who_attacks(tmp_path: Path) -> None:
    guesses = [GUESS.format(n, ROGUE, 40_000 + n) for n in range(40)]
    _scene(tmp_path, "hydra-ssh", [house.ROGUE, ROGUE], guesses)
    _scene(tmp_path, "mistyped", [], guesses)
    _scene(tmp_path, QUIET, [], [])
    names = [scene.name for half in HALVES for scene in scenes(tmp_path, half)]
    assert sorted(names) == ["hydra-ssh", "mistyped"]
    raised = Scene(tmp_path / "hydra-ssh").raised("logs")
    assert raised and all(Scene(tmp_path / "hydra-ssh").right(one) for one in raised)
    assert not Scene(tmp_path / "hydra-ssh").raised("after quiet hours")
    rows = {(row["kind"], row["read"]): row for row in lab.run(Options(data=_under(tmp_path)))}
    assert (rows["attack", "logs"]["told"], rows["attack", "alone"]["missed"]) == (1, "hydra-ssh")
    assert rows["honest", "logs"]["false alerts"] == len(raised)


def _under(folder: Path) -> Path:
    (folder.parent / "data").mkdir()
    (folder.parent / "data" / "lab").symlink_to(folder)
    return folder.parent / "data"


def test_the_controller_and_the_engine_speak_their_languages() -> None:
    assert answer(struct.pack(">BHH", 6, 3, 99)) == struct.pack(">BHH", 6, 3, 99)
    assert answer(struct.pack(">BHH", 3, 3, 1)) == struct.pack(">BBH", 3, 2, 99)
    assert answer(struct.pack(">BHH", 1, 0, 9)) == bytes((1, 2, 0, 0))
    assert answer(b"\x2b\x0e\x01\x00\x00") == b"\xab\x01"
    words = message("LIS", "ORU^R01", 119)
    assert words.startswith(b"\x0bMSH|^~\\&|LIS|") and words.endswith(b"\r\x1c\r") and b"PID|1||LAB00120" in words


@pytest.mark.long
@pytest.mark.skipif(
    os.geteuid() != 0 or bool(lacking(["ip", "ethtool", "tcpdump", "findscu", "mbpoll", "nmap", *TOOLS])),
    reason="the laboratory needs root and its packages (`python -m benchmarks.quality.lab --list`)",
)
def test_a_scan_is_played_and_told(tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path), "nmap-syn"]) == 0
    scene = Scene(tmp_path / "nmap-syn")
    assert any(scene.right(one) for one in scene.raised("alone"))
    assert not [*Path("/run/netns").glob(f"wwlab-{os.getpid()}-*")] and shutil.which("ip")
