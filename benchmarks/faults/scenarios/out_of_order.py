"""Events that come up to an hour early or late, as sources with slow collectors send them."""

from benchmarks.faults.records import Record, hospital_records, parts, shuffled_by_hour
from benchmarks.faults.scenario import PATIENCE, Act, Control, Scenario

_SPAN_S = 3 * 3600.0
_SEED = 5


class OutOfOrder(Scenario):
    """Order within a partition is what counts, not the clock: the same as a scan in the order of the log."""

    name = "out-of-order"
    title = "events shuffled within each hour, kill -9 meanwhile"
    faults = 5
    short = 1
    controls = (Control("compared with a scan in the order of event time", "different", faults=1),)

    def records(self, faults: int) -> list[Record]:
        """Three hours, each of them shuffled."""
        return shuffled_by_hour(_in_time(), _SEED)

    def expected(self, records: list[Record], control: Control | None) -> list[Record]:
        """The control has them in order."""
        return records if control is None else _in_time()

    def play(self, act: Act) -> int:
        """Events, and a kill in the middle of them; again."""
        for part in parts(act.records, act.faults):
            worker = act.worker(*PATIENCE)
            act.send(part)
            act.kill(worker)
        act.finish(*PATIENCE)
        return act.faults


def _in_time() -> list[Record]:
    return hospital_records(12_000, _SPAN_S, hostile=[])
