"""Rows of all batches have one form, as many of them travel in one insert."""

import numpy as np
import orjson
import pyarrow as pa

from pipeline.engine.engine import Outcome
from pipeline.engine.origin import Origin
from pipeline.engine.rows import scored_rows
from pipeline.features.decode import decode


def _rows(versions: dict[int, str]) -> pa.Table:
    documents = [
        orjson.dumps({"ts": 1.79e9 + i, "event_id": str(i), "format": "t", "kind": "flow", "src_ip": f"10.0.0.{i}"})
        for i in range(20)
    ]
    batch = decode("network", documents, 8).batch
    return scored_rows(Outcome(batch, Origin("t", 0, np.arange(20)), {}, (), "usual", versions))


def test_rows_after_a_promotion_join_those_before_it() -> None:
    before, after = _rows({}), _rows({g: f"promoted-{g}" for g in range(4)})
    both = pa.concat_tables([before, after], promote_options="none")
    versions = both.column("model_version").to_pylist()
    assert set(versions[:20]) == {"usual"}
    assert len(set(versions[20:])) > 2
