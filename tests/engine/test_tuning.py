"""The list `tuning` moves thresholds within limits, from the next batch on, and until a day."""

import numpy as np
import pytest

from pipeline.engine.engine import Engine, EngineConfig, Outcome
from pipeline.engine.origin import Origin
from pipeline.engine.tuning import Tuning, fault_of
from pipeline.features.decode import decode
from pipeline.features.lists import Lists, UserList
from pipeline.simulator import Hospital
from schemas.sources import SOURCES

START = 1_760_000_000.0
NEVER, PAST = "2100-01-01", "2000-01-01"


def row(detector: str, shift: object, until: str = NEVER, by: str = "verdicts") -> dict[str, str]:
    """One row of the list."""
    return {"detector": detector, "shift": str(shift), "by": by, "reason": "a test", "until": until}


def listed(*rows: dict[str, str]) -> UserList:
    """The list of these rows."""
    return UserList({name: tuple(r for r in rows if r["detector"] == name) for name in {r["detector"] for r in rows}})


@pytest.fixture(scope="module")
def documents() -> dict[str, list[bytes]]:
    """Ten minutes of a simulated hospital, by source."""
    found: dict[str, list[bytes]] = {name: [] for name in SOURCES}
    for event in Hospital(seed=4, start_ts=START, events_per_s=60.0).events(600.0):
        found[event.source].append(event.value)
    return found


def played(engine: Engine, documents: list[bytes], first: int = 0) -> Outcome:
    """One batch through the engine."""
    batch = decode(engine.source, documents, 8).batch
    return engine.process(batch, Origin("t", 0, np.arange(first, first + batch.n, dtype=np.int64)))


def found(outcome: Outcome, detector: str) -> list[int]:
    """Rows that a detector found."""
    return [int(r) for h in outcome.hits if h.detector == detector for r in h.rows]


@pytest.mark.parametrize(("shift", "needed"), [(0.5, 0.8), (0.25, 0.7), (-0.2, 0.48), (-0.1, 0.54)])
def test_a_shift_is_a_share_of_what_is_left(shift: float, needed: float) -> None:
    tuning = Tuning([row("d", shift)], severity=3)
    assert tuning.needed(np.array([0.6]), np.array([START]))[0] == pytest.approx(needed)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"shift": "0.51"}, "from -0.2 to 0.5"), ({"shift": "-0.3"}, "from -0.2"), ({"shift": "nan"}, "from -0.2"),
        ({"shift": "a lot"}, "from -0.2"), ({"by": ""}, "by is missing"), ({"reason": " "}, "reason is missing"),
        ({"until": "soon"}, "until is no date"), ({"detector": ""}, "detector is missing"),
    ],
)  # fmt: skip
def test_a_row_beyond_the_limits_is_refused_and_shifts_nothing(change: dict[str, str], says: str) -> None:
    wrong = row("d", 0.3) | change
    assert says in str(fault_of(wrong))
    assert Tuning([wrong], severity=3).shift == 0


def test_a_persons_row_goes_before_that_of_verdicts() -> None:
    rows = [row("d", 0.1, by="a.meier"), row("d", 0.4)]
    assert Tuning(rows, severity=3).shift == Tuning(rows[::-1], severity=3).shift == 0.1
    assert Tuning([row("d", 0.1), row("d", 0.4)], severity=3).shift == 0.4


def test_critical_detectors_are_never_raised() -> None:
    assert Tuning([row("d", 0.5)], severity=5).shift == 0
    assert Tuning([row("d", -0.2)], severity=5).shift == -0.2


def test_a_fixed_threshold_moves_with_the_next_batch_and_scores_stay(documents: dict[str, list[bytes]]) -> None:
    one = "network.port_scan"
    plain = played(Engine("network", EngineConfig(), Lists()), documents["network"])
    lists = Lists()
    engine = Engine("network", EngineConfig(), lists)
    half = len(documents["network"]) // 2
    first = played(engine, documents["network"][:half])
    lists.replace("tuning", listed(row(one, 0.5), row("network.no_such", 0.5)))
    second = played(engine, documents["network"][half:], half)
    joined = np.r_[first.scores[one], second.scores[one]]
    assert np.array_equal(joined, plain.scores[one], equal_nan=True)
    base = float(engine.detectors[one].option["threshold"])
    raised = base + 0.5 * (1 - base)
    scores = plain.scores[one]
    expected = [i for i in np.flatnonzero(scores >= base).tolist() if i < half or scores[i] >= raised]
    assert expected != found(plain, one)  # some score lies between
    assert found(first, one) + [half + r for r in found(second, one)] == expected
    told = [h.describe(k) for h in second.hits if h.detector == one for k in range(len(h.rows))]
    assert {f.threshold for f in told} <= {raised}
    assert all(found(plain, n) == found(first, n) + [half + r for r in found(second, n)]
               for n in engine.detectors if n != one)  # fmt: skip


def counts(source: str, documents: list[bytes], config: EngineConfig, *rows: dict[str, str]) -> dict[str, int]:
    """Findings by detector, with rows on the list."""
    outcome = played(Engine(source, config, Lists({"tuning": listed(*rows)})), documents)
    return {name: len(found(outcome, name)) for name in outcome.scores}


def test_a_lower_threshold_finds_more_until_its_day(documents: dict[str, list[bytes]]) -> None:
    config = EngineConfig(options={"network.port_scan": {"threshold": 0.9}})
    now = counts("network", documents["network"], config)["network.port_scan"]
    lower = counts("network", documents["network"], config, row("network.port_scan", -0.2))["network.port_scan"]
    ended = counts("network", documents["network"], config, row("network.port_scan", -0.2, PAST))["network.port_scan"]
    assert now == ended < lower


def test_a_learned_threshold_is_raised_and_never_lowered() -> None:
    # A host's first hours only teach.
    logs = [e.value for e in Hospital(seed=5, start_ts=START, events_per_s=0.3, sources=("logs",)).events(8 * 3600.0)]
    mine = [name for name, d in Engine("logs", EngineConfig()).detectors.items() if "threshold" not in d.option]
    config = EngineConfig(options={name: {"alerts_per_day": 5000} for name in mine})
    plain = counts("logs", logs, config)
    up = counts("logs", logs, config, *[row(name, 0.5) for name in mine])
    down = counts("logs", logs, config, *[row(name, -0.2) for name in mine])
    assert all(up[name] <= plain[name] == down[name] for name in mine)
    assert any(up[name] < plain[name] for name in mine)


def test_of_rules_those_of_a_low_level_fall_silent_and_grave_ones_never(documents: dict[str, list[bytes]]) -> None:
    plain = played(Engine("logs", EngineConfig(), Lists()), documents["logs"])
    tuned = Lists({"tuning": listed(row("logs.sigma", 0.5))})
    raised = played(Engine("logs", EngineConfig(), tuned), documents["logs"])

    def levels(outcome: Outcome) -> list[int]:
        hits = [h for h in outcome.hits if h.detector == "logs.sigma"]
        return [h.describe(k).severity for h in hits for k in range(len(h.rows))]

    assert {2, 3, 4} <= set(levels(plain))
    assert [level for level in levels(plain) if level >= 4] == levels(raised)
