"""The allow-list: findings that someone took responsibility for, until a day."""

from collections.abc import Callable, Mapping

from pipeline.alerts.allowance import Allowance
from pipeline.features.lists import Lists
from schemas.account import account_of
from schemas.finding import Finding
from schemas.until import ends


def fault_of(row: Mapping[str, str]) -> str | None:
    """Why a row of the list can allow nothing: what it lacks. None for one that can."""
    for column in ("detector", "entity", "owner", "reason", "until"):
        if not row.get(column, "").strip():
            return f"{column} is missing: an entry names detector, entity, owner, reason and until"
    if ends(row["until"]) is None:
        return "until is no date: write YYYY-MM-DD, from which day on it allows nothing"
    return None


def allowed_by(lists: Lists) -> Callable[[Finding], Allowance | None]:
    """Says who allowed a finding and why: rows `detector,entity,until,owner,reason`; `detector` may be a
    rule's id; `*` stands for every detector.

    A row without an owner, a reason or an end date, or whose end has passed in event time, allows nothing.
    """

    def allowed(finding: Finding) -> Allowance | None:
        rows = [
            r for name in dict.fromkeys((finding.detector, finding.rule, "*")) if name for r in lists["allow"].get(name)
        ]
        if not rows:
            return None
        told = [(finding.entity_type, finding.entity), *((o.type, o.value) for o in finding.observables)]
        names, accounts = {v.lower() for _, v in told}, {account_of(v) for kind, v in told if kind == "user"}
        for row in rows:
            entity = row.get("entity", "")
            if (entity.lower() in names or account_of(entity) in accounts) and _in_force(row, finding.ts):
                return Allowance(row["owner"], row["reason"], row["until"], lists["allow"].version)
        return None

    return allowed


def untouchable(lists: Lists, clock: Callable[[], float]) -> Callable[[str, str, str], str]:
    """Says why nothing may be done to something, by rows whose `detector` is `response`, `response.isolate_host` or
    another action, or `*`; empty where none names it. `clock`: seconds since the epoch, as it is about now."""

    def why(action: str, target_type: str, target: str) -> str:
        plain = account_of if target_type == "user" else str.lower
        for name in (f"response.{action}", "response", "*"):
            for row in lists["allow"].get(name):
                if plain(row.get("entity", "")) == plain(target) and _in_force(row, clock()):
                    return f"on the list allow until {row['until']}: {row['reason']} ({row['owner']})"
        return ""

    return why


def _in_force(row: Mapping[str, str], ts: float) -> bool:
    """Whether someone answers for a row, with a reason, and its end has not passed at `ts`."""
    end = ends(row.get("until", ""))
    return bool(row.get("owner") and row.get("reason")) and end is not None and ts < end
