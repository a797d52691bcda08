"""Failures are counted as the sensor tells them; monitors and normal Kerberos are not guesses."""

import numpy as np

from detectors.played import START, played
from pipeline.detectors.network.auth_brute_force import NetworkAuthBruteForce

FLOW = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.7.7", "dst_ip": "10.0.0.20", "dst_port": 22,
        "service": "ssh", "duration_s": 2.5, "bytes_out": 1900, "bytes_in": 2300}  # fmt: skip
AUTH = {"kind": "auth", "src_ip": "10.0.7.7", "dst_ip": "10.0.0.20", "service": "ssh", "outcome": "failure"}


def _best(events: list[dict[str, object]]) -> float:
    scores = played(NetworkAuthBruteForce, events)
    return 0.0 if np.isnan(scores).all() else float(np.nanmax(scores))


def test_attempts_within_one_connection_count() -> None:
    assert _best([AUTH | {"ts": START + i, "attempts": 6} for i in range(2)]) >= 0.5
    assert _best([AUTH | {"ts": START + i, "attempts": 1} for i in range(2)]) < 0.5


def test_one_source_over_many_targets() -> None:
    assert _best([AUTH | {"ts": START + 5 * i, "dst_ip": f"10.0.1.{i}"} for i in range(25)]) >= 0.5


def test_kerberos_asks_for_a_password_first() -> None:
    asked = AUTH | {"service": "kerberos", "error": "KDC_ERR_PREAUTH_REQUIRED"}
    assert _best([asked | {"ts": START + i} for i in range(100)]) == 0.0
    wrong = asked | {"error": "KDC_ERR_PREAUTH_FAILED"}
    assert _best([wrong | {"ts": START + i} for i in range(20)]) >= 0.5


def test_a_monitor_that_reads_the_greeting_is_quiet() -> None:
    assert _best([FLOW | {"ts": START + 10 * i, "bytes_out": 22, "bytes_in": 1100} for i in range(400)]) == 0.0


def test_slow_sessions_are_found_within_the_hour() -> None:
    assert _best([FLOW | {"ts": START + 50 * i} for i in range(80)]) >= 0.5
    assert _best([FLOW | {"ts": START + 600 * i} for i in range(80)]) < 0.5


def test_long_or_large_sessions_are_work() -> None:
    assert _best([FLOW | {"ts": START + 5 * i, "duration_s": 300.0} for i in range(60)]) == 0.0
    assert _best([FLOW | {"ts": START + 5 * i, "bytes_in": 900_000} for i in range(60)]) == 0.0


def test_logons_of_unknown_outcome_count_as_sessions_and_not_beside_their_flows() -> None:
    opened = [AUTH | {"ts": START + 5 * i, "service": "rdp", "outcome": "unknown"} for i in range(40)]
    assert _best(opened) >= 0.5
    both = [e for i in range(20) for e in (opened[i], FLOW | {"ts": START + 5 * i})]
    assert _best(both) < 0.5


def test_what_two_sensors_tell_counts_once() -> None:
    tries = [AUTH | {"ts": START + 20 * i, "src_port": 50_000 + i, "uid": f"C{i}", "dst_port": 22} for i in range(8)]
    twice = [e for one in tries for e in (one, one | {"ts": one["ts"] + 0.2, "uid": f"D{one['uid']}"})]
    assert _best(tries) < 0.5
    assert _best(twice) == _best(tries)
    within = [one | {"src_port": 50_000, "uid": "C", "ts": START + 2 * i} for i, one in enumerate(tries * 2)]
    assert _best(within) >= 0.5  # many tries in one connection are many


def test_a_former_password_is_known_though_some_tries_are_not_seen() -> None:
    job = [AUTH | {"ts": START + 45 * i, "user": "svc-report"} for i in range(300)]
    drawn = np.random.default_rng(3)
    seen = [job[i] for i in np.flatnonzero(drawn.random(300) > 0.2)]
    scores = played(NetworkAuthBruteForce, seen)
    assert (scores[60:] < 0.5).mean() > 0.9
    person = np.cumsum(drawn.uniform(20.0, 70.0, 240))
    uneven = [AUTH | {"ts": START + float(t), "user": "svc-report"} for t in person]
    assert (played(NetworkAuthBruteForce, uneven)[60:] >= 0.5).mean() > 0.9


def test_a_client_that_tries_again_by_itself_guesses_no_more_for_it() -> None:
    refused = AUTH | {"service": "ntlm", "user": "anna", "dst_port": 445}
    mistakes = [refused | {"ts": START + 60.0 * k + 0.015 * j} for k in range(4) for j in range(4)]
    assert _best(mistakes) < 0.5
    assert _best([e | {"user": f"u{k}"} for k, e in enumerate(mistakes)]) >= 0.5, "many names are no retries"
    assert _best([refused | {"ts": START + 0.05 * k} for k in range(40)]) >= 0.5, "nor are many tries"
