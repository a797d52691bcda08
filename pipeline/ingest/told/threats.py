"""What another protection program says it found, in a record of any maker: the name of the threat, and how grave."""

from pipeline.ingest.format import Fields
from pipeline.ingest.told.completed import LEVELS
from pipeline.ingest.told.json_fields import Row, pick

NAME = "threat.name"
"""The role (`roles`) of the threat's name."""
FOUND = "threat found: "
_NONE = frozenset(("none", "null", "n/a", "na", "unknown", "any", "clean", "benign", "not found", "-", "0"))
_GRAVE = ("crit", "high", "sever", "fatal", "emerg", "malicious", "major")
_SLIGHT = ("low", "info", "notice", "minor", "debug", "benign", "clean")


def threat(row: Row) -> Fields | None:
    """`event_code` (`threat`, `threat_grave`, `threat_slight`) and a `message` that ends in the threat's name; None
    where a completed record names none."""
    name = row.get(NAME)
    if not isinstance(name, str) or name.strip().lower() in _NONE:
        return None
    level = str(pick(row, LEVELS) or "").lower()
    code = "threat_grave" if level.startswith(_GRAVE) else "threat_slight" if level.startswith(_SLIGHT) else "threat"
    return {"event_code": code, "message": f"{FOUND}{name.strip()}"}
