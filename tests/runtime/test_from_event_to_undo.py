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


@pytest.fixture(scope="module")
def hospital() -> Hospital:
    return Hospital(seed=9, start_ts=START, events_per_s=2.0, stories=[f"{kind}:easy" for kind in STORIES])


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
    bench: Callable[..., Bench], hospital: Hospital, records: list[Record], receivers: Receivers, tmp_path: Path
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
    _learn(b, labels["snooping_family"])
    b.stop(worker)


def _learn(b: Bench, label: StoryLabel) -> None:
    """A verdict on an alert of the snooper counts for what is like it, and for nothing else."""
    (snooper,) = _incidents(b, label, "record_access")
    before = {r["alert_id"]: r for r in _rows(b, "SELECT alert_id, detector, p_true FROM assessments FINAL")}
    alert = next(a for a in snooper["alert_ids"] if before[a]["detector"].startswith("ehr."))
    for who in ("anna", "ben"):
        given = Feedback(ts=START + SPAN_S, alert_id=alert, verdict="false", who=who, why="treated there")
        b.send([Record("feedback", alert.encode(), given.to_json())])

    def now() -> dict[str, dict[str, Any]]:
        return {r["alert_id"]: r for r in _rows(b, "SELECT alert_id, detector, p_true FROM assessments FINAL")}

    b.wait(lambda: now()[alert]["p_true"] < before[alert]["p_true"], "the verdict's effect")
    others = [a for a, row in before.items() if row["detector"].startswith("network.")]
    assert all(now()[a]["p_true"] >= before[a]["p_true"] - 0.02 for a in others)
