"""Verdicts a day late on a few alerts of simulated hospitals: what stands first on the next days' lists."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import gettempdir

import numpy as np

from benchmarks.quality.hospitals.setting import DAY_S, Setting
from benchmarks.quality.options import Options
from benchmarks.quality.verdicts.analysts import STORY, Analysts
from benchmarks.quality.verdicts.ranking import Ranked, figures, ranked
from benchmarks.quality.verdicts.told import Told, play

title = "Alerts re-ranked by verdicts: simulated hospitals"
STAFF, HOURS, TOP, DRAWS = 100, 96.0, 10, 5
FIRST_SEED = 101
protocol = f"""Simulated hospitals of {STAFF} staff for {HOURS / 24:g} days, a third of the kinds of stories each, all
detectors, played through the same path as `wardwatch scan`. Of the alerts, one in ten or in five gets a verdict from
one of three analysts a day after it was told: on a story true, on an oddity benign_expected, on nothing false. Each
day's alerts are ranked at its end, from the second day on. `plain`: by severity, then score; `no verdicts`: by the
assessor's priority that never heard any; then with verdicts, with a tenth of them wrong, and with a hostile account
that calls as many alerts false as all others judge. AP: average precision within a day; P@{TOP}: share of alerts on
stories among the first {TOP} of a day. Means over {DRAWS} draws of who judges what. Seeds from {FIRST_SEED} on; seed 11
(60 staff, a week) was looked at while the assessor was built."""


def run(options: Options) -> list[dict[str, object]]:
    """A row a hospital and share of judged alerts. Hospitals are kept for the next run in the temporary folder."""
    kept = Path(gettempdir()) / "wardwatch-told"
    rows: list[dict[str, object]] = []
    for seed in range(FIRST_SEED, FIRST_SEED + options.seeds):
        told = play(Setting(seed, staff=STAFF, hours=HOURS, weekday=seed % 7), kept)
        rows += [row(told, share) for share in (0.1, 0.2)]
    return rows


def row(told: Told, share: float) -> dict[str, object]:
    """Figures of one hospital."""
    cases: dict[str, Callable[[int], Analysts | None]] = {
        "no verdicts": lambda _: None,
        "verdicts": lambda draw: Analysts(share, seed=draw),
        "10 % wrong": lambda draw: Analysts(share, wrong=0.1, seed=draw),
        "hostile": lambda draw: Analysts(share, hostile=True, seed=draw),
    }
    start_ts, found = told.setting.start_ts, {}
    for name, who in cases.items():
        draws = range(DRAWS if who(0) else 1)
        found[name] = [ranked(told.notes, told.truth, who(draw), start_ts, DAY_S) for draw in draws]
    first = found["no verdicts"][0]
    later = np.array(first.day) >= 1
    out: dict[str, object] = {
        "seed": told.setting.seed, "alerts": int(later.sum()), "judged": share,
        "on stories": sum(kind == STORY and day >= 1 for kind, day in zip(first.truth, first.day, strict=True)),
        "verdicts told": float(np.mean([f.verdicts for f in found["verdicts"]])),
    }  # fmt: skip
    out |= _figures("plain", [first], lambda f: f.plain)
    for name, runs in found.items():
        out |= _figures(name, runs, lambda f: f.priority)
    shifts = {name for f in found["hostile"] for name, shift in f.shifts.items() if shift}
    return out | {"thresholds moved when hostile": len(shifts)}


def _figures(name: str, runs: Sequence[Ranked], order: Callable[[Ranked], Sequence[float]]) -> dict[str, object]:
    each = []
    for run_ in runs:
        day, real = np.array(run_.day), np.array([kind == STORY for kind in run_.truth])
        later = day >= 1
        each.append(figures(real[later], np.array(order(run_))[later], day[later], TOP))
    ap, top = np.mean(each, axis=0).tolist()
    return {f"AP {name}": ap, f"P@{TOP} {name}": top}
