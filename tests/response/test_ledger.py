"""The ledger is bounded, and what it has forgotten in detail is still never done again."""

from pipeline.response.document import changed, document
from pipeline.response.ledger import Ledger
from response.stage import START
from schemas.action import Action, ActionDetail


def record(number: int, state: str = "approved", revision: int = 1, **more: object) -> Action:
    detail = ActionDetail.model_validate({
        "action_id": f"a{number}", "revision": revision, "incident_id": f"i{number}", "playbook": "p", "step": "s",
        "action": "isolate_host", "connector": "x", "target_type": "host", "target": f"ws-{number}", "state": state,
        "why": "", "decided_ts": START, **more,
    })  # fmt: skip
    return document(detail, 5, START)


def test_what_is_over_goes_first_and_its_id_stays() -> None:
    ledger = Ledger(actions=10, incidents=5, ids=50)
    for i in range(100):
        ledger.put(record(i, "skipped" if i % 2 else "approved"))
    assert len(ledger.unfinished()) == 50 and ledger.full
    assert ledger.get("a51") is None and ledger.state_of("a51") == "skipped" and ledger.revision("a51") == 1
    assert not ledger.put(record(51, "approved"))  # an old record that comes again changes nothing
    for i in range(100, 300):
        ledger.put(record(i, "skipped"))
    assert len(ledger) <= 60 and ledger.state_of("a101") is None  # the oldest ids go at last
    assert [d.state for d in ledger.unfinished()] == ["approved"] * 50


def test_older_revisions_and_repeated_ones_change_nothing() -> None:
    ledger = Ledger()
    second = changed(record(1).unmapped, "started", "now")
    assert ledger.put(record(1)) and ledger.put(document(second, 5, START))
    assert not ledger.put(record(1)) and not ledger.put(document(second, 5, START))
    assert ledger.state_of("a1") == "started" and ledger.within_hour("isolate_host", START + 60) == 1
    assert ledger.within_hour("isolate_host", START + 3601) == 0


def test_what_is_in_force_through_others() -> None:
    ledger = Ledger()
    ledger.put(record(1, "done", undo_at=START + 60))
    other = record(2, "done", undo_at=START + 90, target="ws-1")
    ledger.put(other)
    assert [d.action_id for d in ledger.holding(other.unmapped)] == ["a1"]
    ledger.put(record(1, "undone", revision=2))
    assert ledger.holding(other.unmapped) == [] and [d.action_id for d in ledger.held_by("x")] == ["a2"]
