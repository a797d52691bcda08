"""What an access to a chart costs in all three lines that it passes, with a large hospital's memory.

    python -m benchmarks.accesses [--patients 1000000] [--users 20000] [--accesses 200000] [--json FILE]

Documents go through the lines of `ehr`, `charts` and `judged` of one process, as a worker plays them, pseudonyms,
relay, order of event time and rows included; Kafka and ClickHouse are not in it. Every patient has an encounter and one
in three an order; of the accesses one in twelve has no reason at first. They are made in ten hours, so that what waits
for its reason is judged as well. Figures are of processor time, medians of chunks from the fifth hour on.
"""

import resource
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from statistics import median
from typing import Any

import numpy as np

from benchmarks.charts import GROUPS, accesses_of, care_of, command, staff_of
from pipeline.engine.engine import EngineConfig
from pipeline.features.documents import Documents
from pipeline.features.lists import Lists
from pipeline.features.pseudonyms import Pseudonymiser
from pipeline.runtime.kept_memory import keep_memory
from pipeline.runtime.line import Line, Plan
from pipeline.runtime.product import Product
from pipeline.runtime.relay.relay import ticks

_CHUNK = 8000
_SPAN_S = 36_000.0
_COPIES = 65_536


class Lines:
    """The four lines, what each has cost, and where its log has come to."""

    def __init__(self) -> None:
        plan = Plan(EngineConfig(GROUPS), Lists(), Pseudonymiser(b"a key for nobody's patients"), _COPIES)
        self.lines = {name: Line(name, plan) for name in ("context", "ehr", "charts", "judged")}
        self.spent_s = dict.fromkeys(self.lines, 0.0)
        self._offsets = dict.fromkeys(self.lines, 0)

    def _play(self, name: str, documents: list[bytes]) -> tuple[Product, list[bytes]]:
        """What a chunk gives, and the documents it gives on as a producer takes them, which counts."""
        texts = Documents.of(documents)
        first = self._offsets[name]
        self._offsets[name] += len(texts)
        began = time.process_time()
        product = self.lines[name].process(texts, name, 0, np.arange(first, first + len(texts)))
        onward = product.onward
        given = [] if onward is None else list(zip(onward.keys, onward.documents, strict=True))
        self.spent_s[name] += time.process_time() - began
        return product, [document for _, document in given]

    def take(self, source: str, documents: Iterable[bytes]) -> None:
        """A chunk of accesses or context, and everything that follows from it."""
        product, given = self._play(source, list(documents))
        for lane in ("ehr", "context", "claims"):
            given += ticks("charts", f"{lane}/0", 1, product.clock, None, range(GROUPS), GROUPS).documents
        charts, judged = self._play("charts", given)
        self._play(
            "judged", judged + ticks("judged", "charts/0", 1, charts.clock, None, range(GROUPS), GROUPS).documents
        )

    def checkpoint(self) -> dict[str, float]:
        """Seconds to take the state of every line and key group and to put it back, and its bytes."""
        began = time.process_time()
        states = {name: line.state(range(GROUPS)) for name, line in self.lines.items()}
        state_s = time.process_time() - began
        size = sum(
            a.nbytes for s in states.values() for parts in s.values() for p in parts.values() for a in p.values()
        )
        began = time.process_time()
        for name, groups in states.items():
            for group, parts in groups.items():
                self.lines[name].load(int(group), parts)
        return {"state_s": state_s, "load_s": time.process_time() - began, "checkpoint_bytes": float(size)}


def _chunks(documents: Iterator[bytes]) -> Iterator[list[bytes]]:
    while chunk := list(islice(documents, _CHUNK)):
        yield chunk


def _as_produced(documents: Iterator[bytes]) -> Iterator[bytes]:
    """Without the key that only workers set."""
    return (document.partition(b',"chart":')[0] + b"}" for document in documents)


def measure(patients: int, users: int, accesses: int) -> dict[str, Any]:
    """The whole benchmark."""
    keep_memory()  # as a worker does
    lines = Lines()
    for chunk in _chunks(staff_of(users, 1)):
        lines.take("context", chunk)
    for chunk in _chunks(_as_produced(care_of(patients, users))):
        lines.take("context", chunk)
    spent_us: dict[str, list[float]] = {name: [] for name in ("ehr", "charts", "judged")}
    for chunk in _chunks(_as_produced(accesses_of(accesses, patients, users, _SPAN_S / accesses))):
        before = dict(lines.spent_s)
        lines.take("ehr", chunk)
        for name, each in spent_us.items():
            each.append(1e6 * (lines.spent_s[name] - before[name]) / len(chunk))
    late = {name: each[len(each) // 2 :] for name, each in spent_us.items()}
    return {
        "patients": patients,
        "users": users,
        "accesses": accesses,
        "accesses_per_cpu_s": 1e6 / median(map(sum, zip(*late.values(), strict=True))),
        **{f"{name}_us": median(each) for name, each in late.items()},
        **lines.checkpoint(),
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


if __name__ == "__main__":
    command("An access through ehr, charts and judged", measure, __doc__, 200_000)
