"""Tables of the record side: what was explained, how many alerts a day, what an alert about claims is worth."""

from collections import Counter
from collections.abc import Sequence

from benchmarks.quality.hospitals.results import CLAIMS, EHR, Outcome, area
from benchmarks.quality.hospitals.setting import DAY_S
from benchmarks.quality.part import Row

_UNTOLD = "none"


def explained(outcomes: Sequence[Outcome]) -> list[Row]:
    """Share of benign accesses to charts with a reason; the second share leaves out the first day, on which the
    record system still tells what it holds."""
    rows: list[Row] = []
    for o in outcomes:
        if o.played.ledger is None:
            continue
        s = o.played.setting
        whole, warm = (o.played.ledger.reasons(s.start_ts + skip) for skip in (0.0, DAY_S))
        if not whole.total():
            continue
        roles = o.played.ledger.unexplained_roles(s.start_ts + DAY_S)
        rows.append({
            "seed": s.seed, "staff": s.staff, "days": s.days, "benign accesses": whole.total(),
            "explained": round(1 - whole[_UNTOLD] / whole.total(), 4),
            "after a day": round(1 - warm[_UNTOLD] / max(warm.total(), 1), 4),
            "reasons": ", ".join(f"{k} {n / warm.total():.3f}" for k, n in warm.most_common() if k != _UNTOLD),
            "without": ", ".join(f"{k} {n}" for k, n in roles.most_common(5)),
        })  # fmt: skip
    return rows


def alarms(outcomes: Sequence[Outcome]) -> list[Row]:
    """Alerts about accesses a day and 1,000 staff; alerts about claims and how many of them are about fraud."""
    rows: list[Row] = []
    for o in outcomes:
        s = o.played.setting
        unit = s.days * s.staff / 1000
        for who, judged in o.by.items():
            ehr, claims = (Counter(j.kind for j in judged if area(j.raised.fits) == place) for place in (EHR, CLAIMS))
            false = ehr["confounder"] + ehr["nothing"]
            rows.append({
                "who": who, "seed": s.seed, "staff": s.staff, "days": s.days,
                "EHR alerts": ehr.total(), "on stories": ehr["story"], "on confounders": ehr["confounder"],
                "on nothing": ehr["nothing"], "a day and 1,000": round(ehr.total() / unit, 2),
                "false a day and 1,000": round(false / unit, 2),
                "confounder share": round(ehr["confounder"] / max(ehr.total(), 1), 3),
                "claims alerts": claims.total(), "claims precision": round(claims["story"] / max(claims.total(), 1), 3),
            })  # fmt: skip
    return rows


def claims_recall(outcomes: Sequence[Outcome]) -> list[Row]:
    """Found of played, all claims stories together, by contender."""
    rows: list[Row] = []
    for who in outcomes[0].found:
        tried = [
            (label.difficulty, bool(o.found[who][label.story]))
            for o in outcomes
            for label in o.stories
            if area(label.expected) == CLAIMS
        ]
        if tried:
            row: Row = {"who": who, "claims recall": round(sum(hit for _, hit in tried) / len(tried), 3)}
            for level in ("easy", "medium", "hard"):
                mine = [hit for d, hit in tried if d == level]
                row[level] = f"{sum(mine)}/{len(mine)}"
            rows.append(row)
    return rows
