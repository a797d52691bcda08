"""What an attacker or a broken sensor puts on the topics, between the events of an ordinary day."""

from benchmarks.faults.hostile import hostile_variants
from benchmarks.faults.records import Record, hospital_records, hostile_records
from benchmarks.faults.scenario import PATIENCE, Act, Control, Scenario
from schemas.sources import INPUTS

_TEMPLATES = 8
"""Events of each source whose fields are made hostile in turn."""


class HostileInputs(Scenario):
    """Each becomes a row or a dead letter, as the scan says; its neighbours do not notice, and no score is infinite."""

    name = "hostile-inputs"
    title = "hostile records among the events"
    faults = 1
    short = 1
    controls = (Control("what cannot be read is dropped", "letters", ("dead-letters",), faults=1),)

    def records(self, faults: int) -> list[Record]:
        """A day's events with hostile records spread among them."""
        return hospital_records(8000, hostile=_hostile())

    def play(self, act: Act) -> int:
        """Send, process."""
        act.worker(*PATIENCE)
        act.bench.send(act.records)
        act.finish(*PATIENCE)
        infinite = "SELECT countIf(arrayExists(s -> NOT isFinite(s), mapValues(scores))) FROM scored_events"
        assert act.bench.database.query(infinite) == [(0,)]
        return len(_hostile())


def _hostile() -> list[Record]:
    seen: dict[str, int] = {}
    found = hostile_records()
    for record in hospital_records(4000, hostile=[]):
        count = seen[record.source] = seen.get(record.source, 0) + 1
        keys = (*INPUTS[record.source].key_fields, "format")
        if record.source != "devices" and count <= _TEMPLATES and record.value is not None:
            found += [Record(record.source, record.key, v) for v in hostile_variants(record.value, keys)]
    return found
