"""What is routine, what is a roll-out, what adds up."""

from typing import Any

import numpy as np

from detectors.played import START, played
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
