"""What is routine, what is a roll-out, what adds up."""

from typing import Any

import numpy as np
import pytest

from detectors.documents import GROUPS
from detectors.played import START, decoded, played
from pipeline.detectors.detector import Setup
from pipeline.detectors.logs.backup_tampering import BackupTampering
from pipeline.detectors.logs.discovery import Discovery
from pipeline.detectors.logs.remote_execution import RemoteExecution

DAY_S = 86_400.0
RUN = {"kind": "process", "action": "start", "host": "ws-1", "ts": START}
ADMIN = {"image": "C:\\IT\\psexec.exe", "command_line": "psexec \\\\srv-1 -accepteula cmd"}


def _scores(cls: Any, events: list[dict[str, Any]]) -> np.ndarray:
    return played(cls, [RUN | e for e in events])


def test_what_is_done_every_day_becomes_routine() -> None:
    scores = _scores(RemoteExecution, [ADMIN | {"ts": START + DAY_S * d} for d in range(6)])
    assert (scores[:3] >= 0.5).all() and (scores[3:] < 0.5).all()


def test_a_roll_out_is_told_of_its_first_machines_only() -> None:
    hosts = ("ws-1", "ws-8", "ws-11", "ws-12", "ws-16", "ws-18")  # of one key group
    scores = _scores(RemoteExecution, [ADMIN | {"host": h, "ts": START + i} for i, h in enumerate(hosts)])
    assert (scores >= 0.5).tolist() == [True, True, False, False, False, False]


def test_ransomware_is_told_of_every_machine() -> None:
    hosts = ("ws-1", "ws-8", "ws-11", "ws-12", "ws-16", "ws-18")
    wipe = {"command_line": "vssadmin delete shadows /all /quiet"}
    scores = _scores(BackupTampering, [wipe | {"host": h, "ts": START + i} for i, h in enumerate(hosts)])
    assert (scores >= 0.5).all()


def test_the_same_step_again_does_not_add_up() -> None:
    who = {"image": "C:\\Windows\\System32\\whoami.exe", "command_line": "whoami"}
    assert (_scores(Discovery, [who | {"ts": START + i} for i in range(20)]) < 0.5).all()


def test_steps_of_different_days_do_not_add_up() -> None:
    names = ("whoami", "systeminfo", "tasklist", "netstat", "arp", "quser")
    steps = [{"image": f"C:\\Windows\\System32\\{n}.exe", "command_line": n} for n in names]
    assert (_scores(Discovery, [s | {"ts": START + DAY_S * i} for i, s in enumerate(steps)]) < 0.5).all()
    assert _scores(Discovery, [s | {"ts": START + 60.0 * i} for i, s in enumerate(steps)]).max() >= 0.5


def _silent(events: list[dict[str, Any]]) -> list[bool]:
    detector = RemoteExecution(Setup(GROUPS))
    scores = detector.score(decoded("logs", [RUN | e for e in events]))
    assert scores.silent is not None and (scores.values >= 0.5).all()
    return scores.silent.tolist()


def test_records_of_one_deed_are_one_finding() -> None:
    minute = START - START % 60
    same = [ADMIN | {"ts": minute + s} for s in (0.0, 0.4, 9.0, 59.0, 60.0)]
    assert _silent(same) == [False, True, True, True, False]


@pytest.mark.parametrize(
    "other",
    [{"host": "ws-8"}, {"user": "tech2"}, {"image": "C:\\b.exe"}, {"command_line": "psexec \\\\srv-2 -accepteula cmd"}],
)
def test_other_deeds_are_findings_of_their_own(other: dict[str, Any]) -> None:
    minute = START - START % 60
    assert _silent([ADMIN | {"ts": minute}, ADMIN | {"ts": minute + 1} | other]) == [False, False]


def test_a_deed_that_weighs_more_is_told_again() -> None:
    who, others = ({"image": f"C:\\Windows\\System32\\{n}.exe", "command_line": n} for n in ("whoami", "systeminfo"))
    names = ("tasklist", "netstat", "arp", "quser", "ipconfig")
    steps = [who, others, *({"image": f"C:\\Windows\\System32\\{n}.exe", "command_line": n} for n in names), who]
    minute = START - START % 60
    scores = Discovery(Setup(GROUPS)).score(
        decoded("logs", [RUN | s | {"ts": minute + i} for i, s in enumerate(steps)])
    )
    assert scores.values[0] < 0.5 <= scores.values[-1]
    assert scores.silent is not None and not scores.silent[-1]
