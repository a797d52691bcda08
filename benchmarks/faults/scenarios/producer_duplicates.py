"""Producers that send again what had arrived, also across the death of a worker."""

from benchmarks.faults.records import Record, hospital_records, parts
from benchmarks.faults.scenario import PATIENCE, Act, Control, Scenario


class ProducerDuplicates(Scenario):
    """Compared with a scan of every event once: copies are recognised by what checkpoints remember of ids."""

    name = "producer-duplicates"
    title = "every batch sent twice, with a kill -9 in between"
    faults = 10
    short = 1
    events_a_fault = 1000
    controls = (
        Control("copies are not looked for", "doubled", environment={"WARDWATCH_COPIES_WINDOW": "0"}, faults=1),
    )

    def records(self, faults: int) -> list[Record]:
        """Readable ones only: dead letters are told apart by their offsets, so a copy of one is another."""
        return hospital_records(min(self.events_a_fault * faults, 20_000), hostile=[])

    def play(self, act: Act) -> int:
        """A batch, a worker that is killed in the middle of it, the batch again; again."""
        for part in parts(act.records, act.faults):
            worker = act.worker(*PATIENCE)
            act.send(part)
            act.kill(worker)
            act.bench.send(part)
        act.finish(*PATIENCE)
        return act.faults
