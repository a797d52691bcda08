"""What goes into the log of findings says what the alert says, and is what its readers expect."""

import numpy as np
import orjson
import pytest

from pipeline.features.record_batch import Records
from pipeline.ingest.reader import Parsed
from pipeline.runtime.line import Plan
from pipeline.runtime.relay.notes import AnyNote, keyed
from pipeline.runtime.scan import Scan
from pipeline.runtime.verdicts import verdict_notes
from pipeline.settings import Settings
from pipeline.simulator import Hospital
from schemas.alert import Alert
from schemas.feedback import Feedback
from schemas.note import NOTES, FindingNote, LinkNote, VerdictNote


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[AnyNote], list[Alert]]:
    """Notes and alerts of half an hour of a hospital under attack."""
    notes: list[AnyNote] = []
    alerts: list[Alert] = []
    plan = Plan.of(Settings(data_dir=tmp_path_factory.mktemp("keys")), make_keys=True)
    scan = Scan(plan, "test", 2000, on_alert=alerts.append, on_note=notes.append)
    for e in Hospital(seed=5, start_ts=1.79e9, events_per_s=10.0).events(1800):
        scan.add(Parsed(e.source, e.ts, e.key, e.value))
    scan.finish()
    return notes, alerts


def test_every_note_reads_back_as_it_is(played: tuple[list[AnyNote], list[Alert]]) -> None:
    notes, _ = played
    assert {type(n) for n in notes} >= {FindingNote, LinkNote}
    for (key, document), note in zip(keyed(notes), notes, strict=True):
        assert key
        assert NOTES.validate_json(document).to_json() == document
        assert NOTES.validate_json(document).kind == note.kind


def test_the_last_note_of_an_alert_has_its_count(played: tuple[list[AnyNote], list[Alert]]) -> None:
    notes, alerts = played
    last = {n.alert_id: n for n in notes if isinstance(n, FindingNote)}
    assert alerts
    for alert in alerts:
        note = last[alert.finding_info.uid]
        assert (note.count, note.detector) == (alert.count, alert.finding_info.analytic.uid)
        assert [e.offset for e in note.evidence] == [e.offset for e in alert.finding_info.related_events]


def _records(*values: bytes) -> Records:
    n = len(values)
    return Records(list(values), np.arange(n, dtype=np.int64), np.zeros(n, np.int64))


def test_verdicts_are_passed_on_and_what_is_none_is_told() -> None:
    good = Feedback(ts=1.79e9, alert_id="a", verdict="false", who="anna", why="backup")
    both = orjson.dumps({"ts": 1.0, "alert_id": "a", "incident_id": "i", "verdict": "true", "who": "b"})
    wrong = orjson.dumps({"ts": 1.0, "alert_id": "a", "verdict": "perhaps", "who": "b"})
    notes, unread = verdict_notes(_records(good.to_json(), both, wrong, b"\xff{"))
    (note,) = notes
    assert isinstance(note, VerdictNote)
    assert (note.alert_id, note.verdict, note.who, note.verdict_id) == ("a", "false", "anna", good.verdict_id)
    assert [u.offset for u in unread] == [1, 2, 3]
    assert "one alert_id or one incident_id" in unread[0].reason
    assert unread[1].reason.startswith("verdict:")
    assert all("perhaps" not in u.reason for u in unread)
