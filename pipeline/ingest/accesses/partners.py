"""Days and clocks that stand in two columns: `ADMIT_DATE` and `ADMIT_TIME`, `Fecha acceso` and `Hora acceso`."""

from pipeline.ingest.accesses.name_roles import bare_name
from pipeline.ingest.tables import plain_name

_PAIRS = (
    ("date", "datetime"), ("date", "time"), ("date", "heure"), ("fecha", "hora"), ("datum", "uhrzeit"),
    ("datum", "zeit"), ("datum", "tijd"), ("datum", "tid"), ("data", "hora"), ("data", "ora"),
)  # fmt: skip
"""What the day is called, and the clock of the same moment."""


def partners_of(places: dict[str, str], names: list[str]) -> dict[str, str]:
    """Fields that are moments → the column with the other half of the moment, where there is one."""
    by_plain = {_plain(name): name for name in reversed(names)}
    found: dict[str, str] = {}
    for field, name in places.items():
        if field != "ts" and not field.endswith("_ts"):
            continue
        plain = _plain(name)
        others = [plain.replace(day, clock, 1) for day, clock in _PAIRS if day in plain]
        others += [plain.replace(clock, day, 1) for day, clock in _PAIRS if clock in plain]
        other = next((by_plain[one] for one in others if one != plain and one in by_plain), None)
        if other is not None:
            found[field] = other
    return found


def _plain(name: str) -> str:
    return plain_name(bare_name(name))
