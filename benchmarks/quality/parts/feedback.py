"""Verdicts on a hundredth of the rows, late: are the alerts of an unsupervised model ranked better for them?"""

from collections.abc import Sequence

import numpy as np
from river import compose, linear_model, preprocessing

from benchmarks.quality.data_absent import DataAbsentError
from benchmarks.quality.options import Options
from benchmarks.quality.streams import Stream, load, shuffled, thin
from benchmarks.quality.verdicts.analysts import NOTHING, STORY, Analysts
from benchmarks.quality.verdicts.ranking import figures, ranked
from benchmarks.quality.verdicts.table_alerts import ROW_S, START, alerts_of
from schemas.note import FindingNote

title = "Alerts re-ranked by verdicts: labelled tables"
BUDGET, JUDGED, BLOCK, TOP = 0.1, 0.1, 1_000, 10
LATE = BLOCK
FIRST_SEED = 101
protocol = f"""Labelled public sets, attacks thinned to 5 %, in random order by seed (WUSTL-EHMS as recorded). The
anomaly model, which sees no label, raises an alert on the tenth of the rows that score highest against the 5,000
before; an alert shows 16 features at most and names no entity twice. One alert in ten, a hundredth of all rows, gets a
verdict from one of three analysts, {LATE:,} rows after it was raised. The alerts of every {BLOCK:,} rows are ranked
when these are over, with the verdicts known then, all on earlier ones (prequential). `before`: by the model's score;
`after`: by the assessor's p_true; `10 % wrong`: so many verdicts say the opposite; `hostile`: a fourth account calls
as many alerts false as all others judge, whatever they were; `River LR`: River's logistic regression, scaled, taught
by the same verdicts on the same features. AP: average precision within {BLOCK:,} rows; P@{TOP}: share of attacks among
the first {TOP} of them; both from row {2 * BLOCK:,} on. Means over seeds from {FIRST_SEED} on. The first 5,000 rows of
seeds 1 and 2 were looked at while the assessor was built."""


def run(options: Options) -> list[dict[str, object]]:
    """A row a set."""
    streams = load(options.data) if options.data.is_dir() else []
    if not streams:
        raise DataAbsentError("none of the labelled sets is in the data folder")
    seeds = range(FIRST_SEED, FIRST_SEED + options.seeds)
    return [_row(stream, [_one(stream, seed, options.rows) for seed in seeds]) for stream in streams]


def _row(stream: Stream, found: Sequence[dict[str, float]]) -> dict[str, object]:
    return {"set": stream.name} | {name: float(np.mean([f[name] for f in found])) for name in found[0]}


def _one(stream: Stream, seed: int, rows: int) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    played = thin(shuffled(stream, rng, rows), 0.05, rng)
    notes, y = alerts_of(played, BUDGET, seed)
    truth = {note.alert_id: STORY if real else NOTHING for note, real in zip(notes, y, strict=True)}
    usual = Analysts(JUDGED, seed=seed)
    cases = {
        "after": usual, "10 % wrong": Analysts(JUDGED, wrong=0.1, seed=seed),
        "hostile": Analysts(JUDGED, hostile=True, seed=seed),
    }  # fmt: skip
    orders = {"before": np.array([note.score for note in notes])}
    for name, analysts in cases.items():
        found = ranked(notes, truth, analysts, START, BLOCK * ROW_S)
        orders[name] = np.array(found.p_true)
    block = np.array(found.day)
    orders["River LR"] = _river(notes, truth, usual, block)
    out: dict[str, float] = {"alerts": float(len(y)), "attacks": float(y.sum())}
    for name, order in orders.items():
        ap, top = figures(y[block >= 2], order[block >= 2], block[block >= 2], TOP)
        out |= {f"AP {name}": ap, f"P@{TOP} {name}": top}
    return out


def _river(notes: Sequence[FindingNote], truth: dict[str, str], analysts: Analysts, block: np.ndarray) -> np.ndarray:
    model = compose.Pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression())
    rows, out = [_plain(note) for note in notes], np.full(len(notes), 0.5)
    taught = 0
    for one in np.unique(block).tolist():
        mine = np.flatnonzero(block == one)
        while notes[taught].ts + LATE * ROW_S <= notes[mine[-1]].ts:
            for said in analysts.judge(notes[taught].alert_id, truth[notes[taught].alert_id], 0.0):
                model.learn_one(rows[taught], said.verdict == "true")
            taught += 1
        out[mine] = [model.predict_proba_one(rows[i])[True] for i in mine]
    return out


def _plain(note: FindingNote) -> dict[str, float]:
    numbers = {
        f.name: float(np.sign(f.value) * np.log1p(abs(f.value))) for f in note.features if not isinstance(f.value, str)
    }
    words = {f"{f.name}={int(f.value, 16) % 32}": 1.0 for f in note.features if isinstance(f.value, str)}
    return {"score": note.score} | numbers | words
