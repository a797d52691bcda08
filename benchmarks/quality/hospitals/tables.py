"""Tables of judged hospitals: recall by kind and difficulty, alerts a day, detectors."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from benchmarks.quality.hospitals.results import AREAS, OURS, Outcome, area
from benchmarks.quality.part import Row
from pipeline.simulator.stories.story import DIFFICULTIES

_SHORT = {
    OURS: "",
    "RITA-style": "RITA ",
    "naive thresholds": "naive ",
    "volume only": "volume ",
    "HalfSpaceTrees": "trees ",
}


def recall(outcomes: Sequence[Outcome]) -> list[Row]:
    """`found/played` by kind and difficulty, for every contender; then shares by area."""
    hits: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    where: dict[str, str] = {}
    for o in outcomes:
        for label in o.stories:
            where[label.kind] = area(label.expected)
            for who in o.found:
                hits[who, label.kind, label.difficulty].append(bool(o.found[who][label.story]))
    rows: list[Row] = []
    for place in AREAS:
        kinds = sorted(kind for kind in where if where[kind] == place)
        rows += [_recall_row(kind, [kind], hits, outcomes, fraction=False) for kind in kinds]
        if kinds:
            rows.append(_recall_row(f"**{place}**", kinds, hits, outcomes, fraction=True))
    return rows


def _recall_row(
    title: str, kinds: Sequence[str], hits: dict[tuple[str, str, str], list[bool]], outcomes: Sequence[Outcome],
    *, fraction: bool,
) -> Row:  # fmt: skip
    row: Row = {"story": title}
    for who in outcomes[0].found:
        for level in DIFFICULTIES:
            tried = [hit for kind in kinds for hit in hits[who, kind, level]]
            text = f"{sum(tried) / len(tried):.2f}" if fraction and tried else f"{sum(tried)}/{len(tried)}"
            row[_SHORT[who] + level] = text if tried else "-"
    return row


def alarms(outcomes: Sequence[Outcome]) -> list[Row]:
    """Alerts a day of every hospital, by area and by what they hit."""
    rows: list[Row] = []
    for o in outcomes:
        s = o.played.setting
        for who, judged in o.by.items():
            for place in AREAS:
                mine = [j for j in judged if area(j.raised.fits) == place]
                if not mine and who != OURS:
                    continue
                kinds = Counter(j.kind for j in mine)
                false = kinds["confounder"] + kinds["nothing"]
                rows.append({
                    "who": who, "seed": s.seed, "staff": s.staff, "hours": s.hours, "area": place,
                    "alerts": len(mine), "on stories": kinds["story"], "on confounders": kinds["confounder"],
                    "on nothing": kinds["nothing"], "false a day": round(false / s.days, 1),
                    "confounder share": round(kinds["confounder"] / max(len(mine), 1), 3),
                })  # fmt: skip
    return rows


def detectors(outcomes: Sequence[Outcome]) -> list[Row]:
    """Our detectors, the worst first: alerts on stories, confounders and nothing."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    oddities: dict[str, Counter[str]] = defaultdict(Counter)
    for o in outcomes:
        for j in o.by[OURS]:
            counts[j.raised.detector][j.kind] += 1
            if j.kind == "confounder":
                oddities[j.raised.detector][j.about.removeprefix("benign:").rsplit("-", 1)[0]] += 1
    days = sum(o.played.setting.days for o in outcomes)
    order = sorted(counts, key=lambda d: -(counts[d]["confounder"] + counts[d]["nothing"]))
    return [
        {
            "detector": d, "on stories": counts[d]["story"], "on confounders": counts[d]["confounder"],
            "on nothing": counts[d]["nothing"],
            "false a day": round((counts[d]["confounder"] + counts[d]["nothing"]) / days, 2),
            "confounders": ", ".join(f"{k} {n}" for k, n in oddities[d].most_common(3)),
        }
        for d in order
    ]  # fmt: skip


def missed(outcomes: Iterable[Outcome]) -> list[str]:
    """What our detectors did not find, in words."""
    out = []
    for o in outcomes:
        for label in o.stories:
            if o.found[OURS][label.story]:
                continue
            who = {sort: values[:4] for sort, values in label.entities.items()}
            others = sorted({j.raised.detector for j in o.by[OURS] if j.about == label.story})
            begin = label.first_ts - o.played.setting.start_ts
            out.append(
                f"seed {o.played.setting.seed}  {label.story}:{label.difficulty}  +{begin / 3600:.2f} h for "
                f"{(label.last_ts - label.first_ts) / 60:.0f} min, {label.events} events  {who}  "
                f"expected {', '.join(label.expected)}; raised only {', '.join(others) or 'nothing'}"
            )
    return out


def false_alarms(outcomes: Iterable[Outcome]) -> list[str]:
    """Our alerts that hit no story, with their sentences."""
    return [
        f"seed {o.played.setting.seed}  {j.raised.detector}  {j.about}  "
        f"+{(j.raised.first_ts - o.played.setting.start_ts) / 3600:.2f} h ×{j.raised.count}  {j.raised.sentence}"
        for o in outcomes
        for j in sorted(o.by[OURS], key=lambda j: (j.raised.detector, j.raised.first_ts))
        if j.kind != "story"
    ]
