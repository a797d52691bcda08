"""Evaluations: figures that can be recounted, no way for a label into a score, leaks named."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.evaluation.dataset import Dataset, Wish, load_dataset
from pipeline.evaluation.document import document, warnings
from pipeline.evaluation.evaluate import Options, evaluate
from pipeline.evaluation.few_labels import run_taught
from pipeline.evaluation.peers import compared_rows, plain_numbers
from pipeline.evaluation.prequential import Pass
from pipeline.models.metrics import average_precision, roc_auc
from pipeline.tables.frame import Frame

Rows = list[dict[str, object]]


def write(path: Path, rows: Rows) -> Path:
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path


def flows(n: int = 900, seed: int = 1) -> Rows:
    rng = np.random.default_rng(seed)
    rows: Rows = []
    for i in range(n):
        bad = bool(rng.random() < 0.1)
        rows.append(
            {"ts": 1.7e9 + 60 * i, "src": f"10.0.{rng.integers(3)}.{rng.integers(99)}",
             "proto": rng.choice(["tcp", "udp"]), "bytes": round(rng.lognormal(6 + 4 * bad, 1), 1),
             "dur": "" if rng.random() < 0.1 else round(rng.random(), 3),
             "kind": rng.choice(["scan", "flood"]) if bad else "normal", "label": int(bad)}
        )  # fmt: skip
    return rows


def load(tmp_path: Path, rows: Rows, **wish: object) -> Dataset:
    return load_dataset(Wish(write(tmp_path / "t.csv", rows), **({"label": "label"} | wish)))  # type: ignore[arg-type]


def test_figures_are_those_of_the_scores(tmp_path: Path) -> None:
    data = load(tmp_path, flows(), time="ts")
    result = evaluate(data, Options(warmup=300, budget=50.0, seeds=2))
    y, scores = data.labels.attack[300:], result.scores[300:]
    assert (result.warmup, int(result.counts.sum())) == (300, 600)
    assert result.ours.auc == roc_auc(y, scores) > 0.9 and result.ours.ap == average_precision(y, scores)
    assert result.days == pytest.approx(599 / 1440)
    budget = next(b for b in result.ours.budgets if b.name == "50 a day")
    top = np.argsort(-scores, kind="stable")[: int(budget.alerts)]
    assert budget.alerts == pytest.approx(50 * 599 / 1440)
    assert budget.recall == pytest.approx(y[top].sum() / y.sum(), abs=0.05)
    assert budget.precision * budget.alerts == pytest.approx(budget.recall * y.sum())
    assert (
        len(result.auc_by_seed) == 2 and result.streamed is not None and result.streamed.alerts >= result.streamed.right
    )
    assert {k.name: k.rows for k in result.kinds} == {"1": int(y.sum())}


def test_no_label_that_has_not_come_reaches_a_score(tmp_path: Path) -> None:
    rows = flows()
    data = load(tmp_path, rows)
    first = run_taught(data, 0.3, 1)
    assert first.late_rows == 90 and 150 < sum(first.labels) < 300
    turned = replace(data.labels, attack=data.labels.attack ^ (np.arange(900) >= 700))
    again = run_taught(replace(data, labels=turned), 0.3, 1)
    np.testing.assert_array_equal(first.run.scores[:790], again.run.scores[:790])
    assert (first.run.scores[795:] != again.run.scores[795:]).any()
    none = load(tmp_path, [r | {"label": "" if i % 2 else r["label"]} for i, r in enumerate(rows)])
    assert sum(run_taught(none, 1.0, 1).labels) == sum(i % 2 == 0 for i in range(810))


def test_second_labels_never_reach_a_feature(tmp_path: Path) -> None:
    data = load(tmp_path, flows())
    assert "second label" in data.frame.dropped["kind"] and "time" in data.frame.dropped["ts"]
    assert set(data.frame.kinds) == {"src", "proto", "bytes", "dur"}
    by_kind = load(tmp_path, flows(), label="kind")
    assert "second label" in by_kind.frame.dropped["label"] and (by_kind.labels.attack == data.labels.attack).all()
    assert "kind" in load(tmp_path, flows(), keep=("kind",)).frame.kinds


def test_a_column_that_tells_all_is_named_and_kept(tmp_path: Path) -> None:
    rows = [row | {"note": f"v{int(row['label']) * 5 + k % 3}"} for k, row in enumerate(flows())]  # type: ignore[call-overload]
    data = load(tmp_path, rows)
    assert "note" in data.frame.kinds and [s.column for s in data.suspects] == ["note"]
    assert "--drop 'note'" in warnings(data)[0]
    assert not load(tmp_path, rows, drop=("note",)).suspects


cells = st.tuples(
    st.floats(), st.integers(0, 9), st.sampled_from(["a", "b", ""]), st.text('ab0 -.,";|:é\n', max_size=5)
)


@settings(max_examples=10, deadline=None)
@given(some=st.lists(cells, min_size=8, max_size=30), seed=st.integers(0, 999))
def test_permuted_labels_change_no_score(tmp_path_factory: pytest.TempPathFactory, some: list, seed: int) -> None:
    """The label is nothing to the model: any other labels of the same rows give the same scores."""
    folder, rng = tmp_path_factory.mktemp("t"), np.random.default_rng(seed)
    drawn = [some[k] for k in rng.integers(0, len(some), 320)]
    y = np.arange(320) % 2
    seen = []
    for _ in range(2):
        rng.shuffle(y)
        rows: Rows = [{"n": n, "i": i, "c": c, "t": t, "label": k} for (n, i, c, t), k in zip(drawn, y, strict=True)]
        try:
            data = load(folder, rows)
        except UsageError as error:
            assert "no column is left" in str(error)
            return
        seen.append((data.frame.numeric, data.frame.categorical, evaluate(data, Options(warmup=0)).scores))
    assert seen[0][:2] == seen[1][:2]
    np.testing.assert_array_equal(seen[0][2], seen[1][2])


def test_rows_are_ordered_by_time_and_ties_keep_their_order(tmp_path: Path) -> None:
    rows = [row | {"ts": 100 - k // 2} for k, row in enumerate(flows(400))]
    data = load(tmp_path, rows, time="ts")
    assert data.order[:4].tolist() == [398, 399, 396, 397]
    assert data.seconds is not None and (np.diff(data.seconds) >= 0).all()
    assert data.frame.X[0, data.frame.numeric.index("bytes")] == rows[398]["bytes"]


def test_without_time_a_day_is_stated(tmp_path: Path) -> None:
    data = load(tmp_path, flows(), drop=("ts",))
    assert evaluate(data, Options()).days is None
    stated = evaluate(data, Options(budget=10, rows_per_day=300))
    assert stated.stated_rate == 300 and stated.days == pytest.approx(stated.counts.sum() / 300)


def test_headers_inside_and_empty_lines_are_no_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", flows(400))
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:100], lines[0], "," * 6, *lines[100:]]))
    data = load_dataset(Wish(path, "label"))
    assert data.frame.rows == 400 and "1 empty lines, 1 repeats" in data.notes[0]


def test_too_little_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="no attack is among"):
        rows = [row | {"label": int(k < 9), "kind": ""} for k, row in enumerate(flows(400))]
        evaluate(load(tmp_path, rows), Options(warmup=20))
    with pytest.raises(UsageError, match="--time: column proto holds no times"):
        load(tmp_path, flows(100), time="proto")
    monkeypatch.setattr("pipeline.evaluation.evaluate.run_default", lambda *_: Pass("M", np.full(100, np.nan), 1.0))
    with pytest.raises(UsageError, match="too few"):
        evaluate(load(tmp_path, flows(100)), Options())


def test_peers_get_numbers_without_a_look_ahead() -> None:
    rng = np.random.default_rng(2)
    frame = Frame(rng.normal(size=(60, 3)), rng.integers(0, 4, (60, 2)).astype(np.uint64), ("a", "b", "c"), ("d", "e"))
    frame.X[5, 1] = np.nan
    whole, part = plain_numbers(frame), plain_numbers(frame.take(slice(0, 30)))
    assert np.isfinite(whole).all() and whole.shape == (60, 5)
    np.testing.assert_array_equal(whole[:30], part)
    assert whole[5, 1] == whole[4, 1]


def test_long_streams_are_compared_on_every_kth_row() -> None:
    assert len(compared_rows(1_000, 10)) == 1_000
    rows = compared_rows(1_000_000, 40)
    assert len(rows) <= 200_000 and len(np.unique(np.diff(rows))) == 1


def test_the_document_is_plain(tmp_path: Path) -> None:
    found = document(evaluate(load(tmp_path, flows(), time="ts"), Options(compare=True, compare_rows=400)))
    assert found["rows"] == 900 and found["anomalies"] <= 90 * 2 and 0 < found["auc"] <= 1
    assert found["recall_at"].keys() == found["precision_at"].keys() >= {"1% of rows", "10 a day"}
    models = [c["model"] for c in found["compare"]]
    assert models[0] == found["model"] and len(models) == 6 and found["compare_rows"] == 300
    assert all(c["auc"] is None or 0 <= c["auc"] <= 1 for c in found["compare"])


def test_partial_marks_and_nameless_labels_are_second_labels(tmp_path: Path) -> None:
    rows = [row | {"attack_P1": int(row["label"] == 1 and k % 2), "kind": ""} for k, row in enumerate(flows())]
    assert "attacks only" in load(tmp_path, rows).frame.dropped["attack_P1"]
    path = tmp_path / "n.csv"
    path.write_text("\n".join(",".join(map(str, list(r.values())[2:])) for r in flows()))
    nameless = load_dataset(Wish(path, "5", benign=("0",)))
    assert "second label" in nameless.frame.dropped["c4"]
