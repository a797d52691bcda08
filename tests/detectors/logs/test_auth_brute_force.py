"""One attempt is counted once however often it is written; typing mistakes are quiet."""

import numpy as np
import pytest

from detectors.played import START, played
from pipeline.detectors.logs.auth_brute_force import LogAuthBruteForce

FAILED = {
    "kind": "auth",
    "host": "srv",
    "src_ip": "203.0.113.7",
    "user": "root",
    "action": "logon",
    "outcome": "failure",
}
SORTS = ("logon", "authentication", "invalid_user")


def _best(events: list[dict[str, object]]) -> float:
    scores = played(LogAuthBruteForce, events)
    return 0.0 if np.isnan(scores).all() else float(np.nanmax(scores))


@pytest.mark.parametrize("tries", [3, 4, 7])
def test_lines_of_one_attempt_count_once(tries: int) -> None:
    once = _best([FAILED | {"ts": START + 9 * i} for i in range(tries)])
    thrice = _best([FAILED | {"ts": START + 9 * i, "action": a} for i in range(tries) for a in SORTS])
    assert once == thrice < 0.5


def test_success_after_a_few_mistakes_is_quiet_and_after_many_is_not() -> None:
    done = FAILED | {"ts": START + 100, "outcome": "success"}
    mistakes = [FAILED | {"ts": START + 9 * i} for i in range(4)]
    assert _best([*mistakes, done]) < 0.5
    guesses = [FAILED | {"ts": START + 9 * i} for i in range(10)]
    scores = played(LogAuthBruteForce, [*guesses, done])
    assert scores[-1] > scores[-2] >= 0.5


def test_password_changes_and_sessions_are_no_logons() -> None:
    others = [FAILED | {"ts": START + i, "action": a} for i in range(30) for a in ("password_change", "session_opened")]
    assert _best(others) == 0.0


def test_sources_and_hosts_are_told_apart() -> None:
    assert _best([FAILED | {"ts": START + i, "src_ip": f"203.0.113.{i % 20}"} for i in range(60)]) < 0.5
    assert _best([FAILED | {"ts": START + i, "host": f"srv{i % 20}"} for i in range(60)]) < 0.5


def test_without_an_address_the_account_is_the_source() -> None:
    local = {k: v for k, v in FAILED.items() if k != "src_ip"}
    assert _best([local | {"ts": START + i} for i in range(12)]) >= 0.5


def test_privileges_count_where_a_password_was_asked_for() -> None:
    used = [FAILED | {"ts": START + i, "action": "privilege_use"} for i in range(30)]
    assert _best(used) == 0.0
    assert _best([e | {"method": "sudo"} for e in used]) >= 0.5


def test_an_account_that_a_web_server_refuses_again_and_again_is_guessed() -> None:
    asked = {"kind": "web", "host": "portal", "src_ip": "10.0.7.9", "method": "GET", "uri": "/office/", "status": 401}
    assert _best([asked | {"ts": START + 2 * i, "user": "admin"} for i in range(40)]) >= 0.5
    assert _best([asked | {"ts": START + 2 * i} for i in range(40)]) == 0.0  # asked before it gave a name
    assert _best([asked | {"ts": START + 2 * i, "user": "admin", "status": 200} for i in range(40)]) == 0.0
