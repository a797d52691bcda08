"""The engine: options, plugged-in River models, state by key group."""

import numpy as np
import pytest

from pipeline.detectors.catalogue import catalogue
from pipeline.detectors.river_plugin import RiverSpec
from pipeline.engine.engine import Engine, EngineConfig, Outcome
from pipeline.engine.origin import Origin
from pipeline.errors import CheckpointError, ConfigError
from pipeline.features.decode import decode
from pipeline.simulator import Hospital
from schemas.sources import SOURCES

GROUPS = 8


@pytest.fixture(scope="module")
def documents() -> dict[str, list[bytes]]:
    """Ten minutes of a simulated hospital, by source."""
    found: dict[str, list[bytes]] = {name: [] for name in SOURCES}
    for event in Hospital(seed=4, start_ts=1_760_000_000.0, events_per_s=60.0).events(600.0):
        found[event.source].append(event.value)
    return found


def played(engine: Engine, documents: list[bytes], first: int = 0) -> Outcome:
    """One batch through the engine."""
    batch = decode(engine.source, documents, GROUPS).batch
    return engine.process(batch, Origin("t", 0, np.arange(first, first + batch.n, dtype=np.int64)))


def same(a: Outcome, b: Outcome) -> bool:
    """Whether both give every event the same scores."""
    return a.scores.keys() == b.scores.keys() and all(
        np.array_equal(a.scores[k], b.scores[k], equal_nan=True) for k in a.scores
    )


def test_a_river_model_from_configuration_scores_events(documents: dict[str, list[bytes]]) -> None:
    spec = RiverSpec(
        id="custom.hst", source="network", kind="flow", model="river.anomaly.HalfSpaceTrees",
        params={"n_trees": 3, "height": 3, "window_size": 20, "seed": 1}, features=("bytes_out", "duration_s"),
    )  # fmt: skip
    disabled = tuple(catalogue())
    outcome = played(Engine("network", EngineConfig(river=(spec,), disabled=disabled)), documents["network"][:6000])
    assert list(outcome.scores) == ["custom.hst"]
    scores = outcome.scores["custom.hst"]
    scored = scores[~np.isnan(scores)]
    assert len(scored) > 100
    assert 0 <= scored.min() < scored.max() <= 1
    assert np.isnan(scores[~outcome.batch.kind("flow")]).all()


@pytest.mark.parametrize("model", ["os.system", "river.linear_model.LinearRegression", "river.anomaly.Nothing"])
def test_what_is_no_river_detector_is_refused(model: str) -> None:
    spec = RiverSpec(id="custom.x", source="network", kind="flow", model=model, features=("bytes_out",))
    with pytest.raises(ConfigError):
        Engine("network", EngineConfig(river=(spec,)))


def test_unknown_options_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="no option sports"):
        Engine("network", EngineConfig(options={"network.port_scan": {"sports": 3}}))


def test_options_and_thresholds_count(documents: dict[str, list[bytes]]) -> None:
    def found(**options: float) -> int:
        config = EngineConfig(options={"network.port_scan": options})
        hits = played(Engine("network", config), documents["network"]).hits
        return sum(len(h.rows) for h in hits if h.detector == "network.port_scan")

    assert found(threshold=0.99) < found() < found(ports=3, hosts=3)


@pytest.mark.parametrize("source", list(SOURCES))
def test_state_moves_and_resets_by_key_group(source: str, documents: dict[str, list[bytes]]) -> None:
    mine = documents[source][:4000]
    half = len(mine) // 2
    whole = Engine(source, EngineConfig())
    played(whole, mine[:half])
    moved = Engine(source, EngineConfig())
    for group in range(GROUPS):
        moved.load(group, whole.state(group))
    assert same(played(whole, mine[half:]), played(moved, mine[half:]))
    fresh = Engine(source, EngineConfig())
    for group in range(GROUPS):
        moved.reset(group)
    assert same(played(moved, mine), played(fresh, mine))


def test_a_state_of_other_detectors_is_refused() -> None:
    state = Engine("network", EngineConfig()).state(0)
    other = Engine("network", EngineConfig(disabled=("network.rhythm",)))
    with pytest.raises(CheckpointError):
        other.load(0, state)
