"""A service was billed by, or rendered by, someone who is barred from federal health programmes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property

import numpy as np

from pipeline.detectors.claims.billing_case import CASE_DAYS
from pipeline.detectors.detector import Detector, Example, Explanation, Scores
from pipeline.features.batch import Batch
from pipeline.features.claim_lines import DAY_S, service_days
from pipeline.features.hashing import hash_text
from pipeline.features.lists import Lists, UserList
from pipeline.features.naming import named
from schemas.finding import Feature

_NO_NPI = "0000000000"  # LEIE: the number is not known
FOUND = 0.95


class ExcludedProvider(Detector):
    """The claim's billing or rendering provider stands on the list `excluded_providers` on a day of service.

    A provider is excluded from `excldate` on and until the day before `reindate`. Compared by NPI; rows of the
    list that have none cannot be matched. A claim by anyone else scores 0, and NaN without a list. A row
    without a readable `excldate` counts from ever on.
    """

    id = "claims.excluded_provider"
    title = "Claim by an excluded provider"
    severity = 4
    source = "claims"
    alert_days = CASE_DAYS
    entity = ("provider",)
    entity_type = "provider"
    group_by = ("provider", "rendering")
    inputs = ("provider", "rendering", "from_ts", "through_ts", "ts")
    misses = (
        "Excluded persons who bill under another number or through another provider, list rows without an "
        "NPI, and a list that is out of date."
    )
    lists = ("excluded_providers",)
    cost = "O(log list) a claim, no state"
    reference = "HHS OIG, List of Excluded Individuals/Entities (LEIE), record layout"

    @cached_property
    def _spans(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(hash uint64, first excluded day, first day reinstated) [m], sorted by hash."""
        found = []
        for key, rows in self.setup.lists["excluded_providers"].rows.items():
            for row in rows:
                npi = (row.get("npi") or key).strip()
                if npi and npi != _NO_NPI:
                    begin, end = _day(row.get("excldate"), -(10**9)), _day(row.get("reindate"), 10**9)
                    found.append((hash_text(npi), begin, end))
        found.sort()
        hashes, begins, ends = zip(*found, strict=True) if found else ((), (), ())
        return np.array(hashes, np.uint64), np.array(begins, np.int64), np.array(ends, np.int64)

    def score(self, batch: Batch) -> Scores:
        first, last = service_days(batch)
        since = np.full(batch.n, np.nan)
        rendered = np.zeros(batch.n, np.bool_)
        for name in ("provider", "rendering"):
            who = batch.hash(name)
            for row in np.flatnonzero(np.isin(who, self._spans[0]) & np.isnan(since)):
                begin = self._excluded(who[row], int(first[row]), int(last[row]))
                if begin is not None:
                    since[row] = begin
                    rendered[row] = name == "rendering"
        quiet = 0.0 if len(self._spans[0]) else np.nan
        return Scores(np.where(np.isnan(since), quiet, FOUND), {"since": since, "rendered": rendered})

    def _excluded(self, who: np.uint64, first: int, last: int) -> int | None:
        """First excluded day of a span that covers a day of service."""
        hashes, begins, ends = self._spans
        low, high = np.searchsorted(hashes, who, "left"), np.searchsorted(hashes, who, "right")
        spans = zip(begins[low:high].tolist(), ends[low:high].tolist(), strict=True)
        return next((begin for begin, end in spans if last >= begin and first < end), None)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        rendered = bool(scores.evidence["rendered"][row])
        who = named(batch, row, "rendering" if rendered else "provider")
        since = float(scores.evidence["since"][row])
        known = since == since and since > -(10**9)
        day = datetime.fromtimestamp(since * DAY_S, UTC).strftime("%Y-%m-%d") if known else "an unknown day"
        did = "rendered a service" if rendered else "billed a service"
        served = datetime.fromtimestamp(float(service_days(batch)[1][row]) * DAY_S, UTC).strftime("%Y-%m-%d")
        message = f"Provider {who} {did} on {served}, but is excluded from federal health programmes since {day}."
        feature = Feature(name="excluded_since", value=day)
        return Explanation(message, f"A service before {day}, or by a provider that is not on the list.", [feature])

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def leie(reindate: str) -> Lists:
            row: Mapping[str, str] = {"npi": "1000000012", "excldate": "20200101", "reindate": reindate}
            return Lists({"excluded_providers": UserList({"1000000012": (row,)})})

        claim = {"kind": "claim", "ts": 1.60e9, "from_ts": 1.60e9, "provider": "1000000020"}  # 2020-09-13
        return (
            Example("billed while excluded", [claim | {"provider": "1000000012"}], True, leie("00000000")),
            Example("rendered while excluded", [claim | {"rendering": "1000000012"}], True, leie("00000000")),
            Example("reinstated before", [claim | {"provider": "1000000012"}], False, leie("20200601")),
            Example("another provider", [claim], False, leie("00000000")),
        )


def _day(text: str | None, otherwise: int) -> int:
    """Days since 1970 of CCYYMMDD or YYYY-MM-DD; `otherwise` for 00000000, nothing and what is no date."""
    digits = (text or "").strip().replace("-", "")
    try:
        return int(datetime.strptime(digits, "%Y%m%d").replace(tzinfo=UTC).timestamp() // DAY_S)
    except ValueError:
        return otherwise
