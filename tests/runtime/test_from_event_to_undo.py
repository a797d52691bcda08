"""The whole way, with real parts: events, findings, an incident, mail, containment, its end, a verdict learned."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from pipeline.response.options import ResponseOptions
from pipeline.simulator import Hospital, StoryLabel
from runtime.bench import Bench, Record
from runtime.receivers import Receivers
from schemas.feedback import Approval, Feedback

pytestmark = pytest.mark.servers
START, SPAN_S = 1.79e9, 3600.0
LATER_S = 86_400.0
KINDS = ("ransomware:easy", "snooping_family:easy", "claim_duplicates:easy")
WAIT = {"access_grace_h": 0.25, "break_glass_h": 0.5, "claim_wait_d": 0.01}
HOLD_H = 4.0 / 3600


@pytest.fixture(scope="module")
def hospital() -> Hospital:
    return Hospital(seed=9, start_ts=START, events_per_s=2.0, stories=KINDS)


@pytest.fixture(scope="module")
def records(hospital: Hospital) -> list[Record]:
    """An hour of a hospital in which three things go wrong, and one event much later that lets time go on."""
    found = [Record(e.source, e.key.encode(), e.value) for e in hospital.events(SPAN_S)]
    later = {"ts": START + LATER_S, "event_id": "later", "format": "test"}
    kinds = {
        "ehr": {"kind": "access", "user": "u-later", "patient": "p-later"},
        "context": {"kind": "patient", "patient": "p-later"},
        "claims": {"kind": "claim", "provider": "n-later", "patient": "p-later"},
    }
    return found + [Record(source, b"later", orjson.dumps(later | more)) for source, more in kinds.items()]


@pytest.fixture
def receivers() -> Iterator[Receivers]:
    with Receivers().running() as found:
        yield found


def _options(receivers: Receivers, *, rehearsed: bool) -> ResponseOptions:
    base = f"http://127.0.0.1:{receivers.http_port}"
    return ResponseOptions.model_validate(
        {
            "dry_run": rehearsed,
            "hold_h": HOLD_H,
            "most_hold_h": HOLD_H,
            "connectors": {
                "mail": {
                    "kind": "smtp", "host": "127.0.0.1", "port": receivers.smtp_port, "tls": "none",
                    "sender": "wardwatch@hospital.example", "to": ["soc@hospital.example"], "dry_run": False,
                },
                "nac": {
                    "kind": "webhook", "url": f"{base}/isolate", "undo_url": f"{base}/release",
                    "target_types": ["host"],
                },
                "privacy": {"kind": "ticket", "url": f"{base}/reviews"},
            },
            "actions": {"notify": ["mail"], "isolate_host": ["nac"], "open_privacy_review": ["privacy"]},
            "allowed_hosts": ["127.0.0.1"],
            "roles": {"soc": ["anna", "ben"]},
            "approvals": {"isolate_host": {"count": 1, "roles": ["soc"]}},
        }
    )  # fmt: skip


def _rows(b: Bench, sql: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in b.database.raw(sql, "JSONEachRow").splitlines()]


def _incidents(b: Bench, label: StoryLabel, *kinds: str) -> list[dict[str, Any]]:
    """Current incidents that name someone of the story who acts in it."""
    names = {v for sort, values in label.entities.items() if sort not in ("patient", "ip") for v in values}
    told = _rows(b, "SELECT incident_id, kind, parties, alert_ids, sentence, subject FROM current_incidents")
    return [i for i in told if names & {p.removeprefix("u ") for p in i["parties"]} and i["kind"] in kinds]


def _say(b: Bench, topic: str, key: str, document: bytes) -> None:
    b.send([Record(topic, key.encode(), document)])


def test_three_stories_end_in_three_incidents_and_one_is_contained(
    bench: Callable[..., Bench], hospital: Hospital, records: list[Record], receivers: Receivers
) -> None:
    b = bench(response=_options(receivers, rehearsed=True), partitions=4, **WAIT)
    b.send(records)
    worker = b.start()
    labels = {label.kind: label for label in hospital.labels()}
    b.wait(lambda: b.count() + b.count("dead_letters") >= len(records), "all records")
    for kind, kinds in {
        "ransomware": ("ransomware",), "snooping_family": ("record_access",), "claim_duplicates": ("billing",),
    }.items():  # fmt: skip
        b.wait(lambda label=labels[kind], kinds=kinds: bool(_incidents(b, label, *kinds)), f"the incident of {kind}")
        assert len(_incidents(b, labels[kind], *kinds)) == 1, f"one incident for {kind}"
    (attack,) = _incidents(b, labels["ransomware"], "ransomware")

    # Rehearsed: people are told, and that is all.
    b.wait(
        lambda: any(attack["incident_id"] in str(m) or "ransomware" in str(m).lower() for m in receivers.mails),
        "the mail",
    )
    isolate = f"""SELECT action_id, state, target FROM current_actions
        WHERE incident_id = '{attack["incident_id"]}' AND action = 'isolate_host' AND target_type = 'host'"""
    b.wait(lambda: bool(_rows(b, isolate)), "the rehearsal")
    assert {row["state"] for row in _rows(b, isolate)} == {"dry_run"}
    assert not receivers.calls
    b.stop(worker)

    # In earnest: approved by one of those who may, done, and taken back in time.
    worker = b.start(WARDWATCH_RESPONSE=_options(receivers, rehearsed=False).model_dump_json(exclude_unset=True))
    wanted = _rows(b, isolate)[0]
    for who in ("nobody", "anna"):
        word = Approval(ts=START, action_id=wanted["action_id"], decision="approve", who=who, role="soc")
        _say(b, "approvals", wanted["action_id"], word.to_json())
    b.wait(lambda: bool(receivers.called("/isolate")), "the isolation")
    b.wait(lambda: bool(receivers.called("/release")), "its end")
    b.wait(lambda: _rows(b, isolate)[0]["state"] == "undone", "the record of its end")
    assert len(receivers.called("/isolate")) == len(receivers.called("/release")) == 1
    told = receivers.mails[0].as_string()
    assert all(p not in told for p in labels["snooping_family"].entities["patient"])
    _learn(b, labels["snooping_family"])
    b.stop(worker)


def _learn(b: Bench, label: StoryLabel) -> None:
    """A verdict on an alert of the snooper counts for what is like it, and for nothing else."""
    (snooper,) = _incidents(b, label, "record_access")
    before = {r["alert_id"]: r for r in _rows(b, "SELECT alert_id, detector, p_true FROM assessments FINAL")}
    alert = next(a for a in snooper["alert_ids"] if before[a]["detector"].startswith("ehr."))
    for who in ("anna", "ben"):
        given = Feedback(ts=START + SPAN_S, alert_id=alert, verdict="false", who=who, why="treated there")
        _say(b, "feedback", alert, given.to_json())

    def now() -> dict[str, dict[str, Any]]:
        return {r["alert_id"]: r for r in _rows(b, "SELECT alert_id, detector, p_true FROM assessments FINAL")}

    b.wait(lambda: now()[alert]["p_true"] < before[alert]["p_true"], "the verdict's effect")
    others = [a for a, row in before.items() if row["detector"].startswith("network.")]
    assert all(now()[a]["p_true"] >= before[a]["p_true"] - 0.02 for a in others)
