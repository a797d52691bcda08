"""The whole way, with real parts: events, findings, an incident, mail, containment, its end, a verdict learned."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
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
AGAIN_S = 8 * 86_400.0
"""Alerts of records last for a week: what is done again after that is another alert."""
STORIES = {"ransomware": "ransomware", "snooping_family": "record_access", "claim_duplicates": "billing"}
"""Kind of story → kind of incident."""
WAIT = {"access_grace_h": 0.25, "break_glass_h": 0.5, "claim_wait_d": 0.01}
HOLD_H = 4.0 / 3600


PLAYBOOK = """
type: playbook
spec_version: cacao-2.0
id: playbook--record-access
name: Charts opened without a reason, as this hospital answers
workflow_start: start--begin
workflow:
  start--begin: {type: start, on_completion: parallel--all}
  parallel--all:
    type: parallel
    next_steps: [action--review, action--notify, action--step-up]
  action--review:
    type: action
    commands: [{type: wardwatch, command: open_privacy_review}]
    on_completion: end--done
  action--notify:
    type: action
    commands: [{type: wardwatch, command: notify}]
    on_completion: end--done
  action--step-up:
    type: action
    commands: [{type: wardwatch, command: step_up_account}]
    targets: [individual--who]
    on_completion: end--done
  end--done: {type: end}
target_definitions:
  individual--who: {type: individual, x_wardwatch: {parties: [user], roles: [subject]}}
x_wardwatch: {kinds: [record_access], priority: 20}
"""
"""In place of the shipped one, which asks people for a second factor in grave cases only."""


def _hospital(start_ts: float) -> Hospital:
    """The same people and machines whenever it starts."""
    return Hospital(seed=9, start_ts=start_ts, events_per_s=2.0, stories=[f"{kind}:easy" for kind in STORIES])


def _much_later(ts: float) -> list[Record]:
    """Events that let time go on."""
    later = {"ts": ts, "event_id": f"later-{ts:.0f}", "format": "test"}
    kinds = {
        "ehr": {"kind": "access", "user": "u-later", "patient": "p-later"},
        "context": {"kind": "patient", "patient": "p-later"},
        "claims": {"kind": "claim", "provider": "n-later", "patient": "p-later"},
    }
    return [Record(source, b"later", orjson.dumps(later | more)) for source, more in kinds.items()]


@pytest.fixture(scope="module")
def hospital() -> Hospital:
    return _hospital(START)


@pytest.fixture(scope="module")
def records(hospital: Hospital) -> list[Record]:
    """An hour of a hospital in which three things go wrong, and one event much later that lets time go on."""
    found = [Record(e.source, e.key.encode(), e.value) for e in hospital.events(SPAN_S)]
    return found + _much_later(START + LATER_S)


@pytest.fixture(scope="module")
def again() -> list[Record]:
    """The three things once more, done by the same; nothing else is heard of, as it would only take time."""
    found = [
        Record(e.source, e.key.encode(), e.value)
        for e in _hospital(START + AGAIN_S).events(SPAN_S)
        if (e.label or "").rpartition("-")[0] in STORIES
    ]
    return found + _much_later(START + AGAIN_S + LATER_S)


@pytest.fixture
def receivers() -> Iterator[Receivers]:
    """A mail server and a web server."""
    with Receivers().running() as found:
        yield found


def _options(receivers: Receivers, playbook: Path, *, rehearsed: bool) -> ResponseOptions:
    base = f"http://127.0.0.1:{receivers.http_port}"
    return ResponseOptions.model_validate(
        {
            "dry_run": rehearsed,
            "playbooks": [str(playbook)],
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
                "directory": {"kind": "webhook", "url": f"{base}/step-up", "undo_url": f"{base}/step-down"},
                "privacy": {"kind": "ticket", "url": f"{base}/reviews"},
                "desk": {"kind": "ticket", "url": f"{base}/tickets"},
            },
            "actions": {
                "notify": ["mail"], "isolate_host": ["nac"], "step_up_account": ["directory"],
                "open_privacy_review": ["privacy"], "ticket": ["desk"],
            },
            "allowed_hosts": ["127.0.0.1"],
            "roles": {"soc": ["anna", "ben"]},
            "approvals": {"isolate_host": {"count": 1, "roles": ["soc"]}},
        }
    )  # fmt: skip


def _rows(b: Bench, sql: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in b.database.raw(sql, "JSONEachRow").splitlines()]


def _incidents(b: Bench, label: StoryLabel, kind: str) -> list[dict[str, Any]]:
    """Current incidents that name someone of the story who acts in it."""
    names = {v for sort, values in label.entities.items() if sort not in ("patient", "ip") for v in values}
    told = _rows(b, "SELECT incident_id, kind, parties, alert_ids, sentence, subject FROM current_incidents")
    return [i for i in told if names & set(i["parties"]) and i["kind"] == kind]


class _Answered:
    """The actions of one kind about one incident, as the table has them."""

    def __init__(self, b: Bench, incident: dict[str, Any], action: str, target_type: str) -> None:
        self._b = b
        self._sql = f"""SELECT action_id, state, target FROM current_actions WHERE action = '{action}'
            AND incident_id = '{incident["incident_id"]}' AND target_type = '{target_type}' ORDER BY action_id"""

    @property
    def states(self) -> set[str]:
        return {row["state"] for row in _rows(self._b, self._sql)}

    def approve(self, *people: str) -> None:
        """What people say of the first of them."""
        action_id = _rows(self._b, self._sql)[0]["action_id"]
        for who in people:
            word = Approval(ts=time.time(), action_id=action_id, decision="approve", who=who, role="soc")
            self._b.send([Record("approvals", action_id.encode(), word.to_json())])


@pytest.mark.timeout(600)
def test_three_stories_end_in_three_incidents_and_are_answered(
    bench: Callable[..., Bench],
    hospital: Hospital,
    records: list[Record],
    again: list[Record],
    receivers: Receivers,
    tmp_path: Path,
) -> None:
    playbook = tmp_path / "ours.yaml"
    playbook.write_text(PLAYBOOK)
    b = bench(response=_options(receivers, playbook, rehearsed=True), partitions=4, **WAIT)
    b.send(records)
    worker = b.start()
    labels = {label.kind: label for label in hospital.labels()}
    b.wait(lambda: b.count() + b.count("dead_letters") >= len(records), "all records")
    found = {}
    for story, kind in STORIES.items():
        b.wait(lambda s=story, k=kind: bool(_incidents(b, labels[s], k)), f"the incident of {story}")
        (found[kind],) = _incidents(b, labels[story], kind)
    isolate = _Answered(b, found["ransomware"], "isolate_host", "host")
    step_up = _Answered(b, found["record_access"], "step_up_account", "user")
    review = _Answered(b, found["record_access"], "open_privacy_review", "incident")
    ticket = _Answered(b, found["billing"], "ticket", "incident")

    # Rehearsed: people are told, and that is all.
    for each in (isolate, step_up, review, ticket):
        b.wait(lambda e=each: e.states == {"dry_run"}, "the rehearsal")
    for kind in ("ransomware", "record_access"):
        b.wait(lambda i=found[kind]: any(i["incident_id"] in mail for mail in receivers.mails), "the mail")
    assert not receivers.calls
    b.stop(worker)

    # In earnest: approved by those who may, done, and taken back in time.
    earnest = _options(receivers, playbook, rehearsed=False)
    worker = b.start(WARDWATCH_RESPONSE=earnest.model_dump_json(exclude_unset=True))
    isolate.approve("nobody", "anna")
    review.approve("anna")
    ticket.approve("ben")
    step_up.approve("anna")
    b.wait(lambda: isolate.states == {"undone"}, "the end of the isolation")
    b.wait(lambda: review.states == {"done"} and ticket.states == {"done"}, "review and ticket")
    assert step_up.states == {"waiting"} and not receivers.called("/step-up"), "one person alone decides on nobody"
    step_up.approve("ben")
    b.wait(lambda: step_up.states == {"undone"}, "the end of the second factor")
    for path in ("/isolate", "/release", "/reviews", "/tickets", "/step-up", "/step-down"):
        assert len(receivers.called(path)) == 1, path
    told = "".join(receivers.mails) + str(receivers.calls)
    assert all(p not in told for label in labels.values() for p in label.entities.get("patient", ()))
    _learn(b, {kind: labels[story] for story, kind in STORIES.items()}, again)
    b.stop(worker)


def _assessed(b: Bench) -> dict[str, dict[str, Any]]:
    """Alerts by id, and what is thought of them now."""
    return {r["alert_id"]: r for r in _rows(b, "SELECT alert_id, detector, p_true, priority FROM assessments FINAL")}


def _learn(b: Bench, labels: dict[str, StoryLabel], again: list[Record]) -> None:
    """Two people say of an alert of each story that it was nothing: the next one like it ranks lower, and what is
    unlike them all keeps its rank."""
    before, judged = _assessed(b), {}
    for kind, label in labels.items():
        told = {alert for i in _incidents(b, label, kind) for alert in i["alert_ids"]}
        alert = max(
            (a for a in told if before[a]["detector"] in label.expected),
            key=lambda a: (before[a]["priority"], a),
        )
        judged[before[alert]["detector"]] = alert
        for who in ("anna", "ben"):
            given = Feedback(ts=START + LATER_S, alert_id=alert, verdict="false", who=who, why="agreed upon")
            b.send([Record("feedback", alert.encode(), given.to_json())])
    assert len(judged) == len(STORIES)
    b.wait(lambda: all(_assessed(b)[a]["p_true"] < 0.1 for a in judged.values()), "the verdicts' effect")
    told_by = {source for detector in judged for source in detector.split(".")[:1]}
    others = [a for a, row in before.items() if row["detector"].split(".")[0] not in told_by]
    now = _assessed(b)
    assert others and all(now[a]["p_true"] >= before[a]["p_true"] - 0.02 for a in others)
    b.send(again)

    def next_ones(detector: str) -> list[dict[str, Any]]:
        return [row for a, row in _assessed(b).items() if a not in before and row["detector"] == detector]

    for detector, alert in judged.items():
        b.wait(lambda d=detector: bool(next_ones(d)), f"the next alert of {detector}")
        for row in next_ones(detector):
            assert row["p_true"] < 0.8 * before[alert]["p_true"], (row, before[alert])
            assert row["priority"] < before[alert]["priority"], (row, before[alert])
