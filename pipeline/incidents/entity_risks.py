"""The risk of each name that something was found about, told to the table when it changed by a step that matters."""

from typing import Any

from pipeline.incidents.names import Name
from pipeline.incidents.options import HOUR_S
from pipeline.incidents.risk import Risk
from pipeline.incidents.rows import RiskRow

_STEP = 2.0
"""Of 100: less is not seen on a list of entities."""
Known = tuple[float, float, int, str]
"""Event time, risk, tactics, incident id."""


class EntityRisks:
    """One entry a name that is remembered; at most as many as there are alerts."""

    def __init__(self, half_life_h: float) -> None:
        self._half_life_s = half_life_h * HOUR_S
        self._known: dict[Name, Known] = {}
        self._rows: dict[tuple[Name, int], RiskRow] = {}

    def update(self, name: Name, risk: Risk, criticality: int, incident_id: str) -> None:
        """Take the present risk of a name; a row where it matters."""
        at, value, tactics, incident = self._known.get(name, (risk.at, 0.0, 0, ""))
        decayed = value * 2.0 ** (-max(risk.at - at, 0.0) / self._half_life_s)
        if abs(risk.value - decayed) < _STEP and (len(risk.tactics), incident_id) == (tactics, incident):
            return
        self._known[name] = (risk.at, risk.value, len(risk.tactics), incident_id)
        row = (name, risk.at, risk.value, len(risk.tactics), criticality, incident_id)
        self._rows[(name, round(risk.at * 1000))] = row

    def forget(self, name: Name) -> None:
        """Nothing is remembered about a name any more."""
        self._known.pop(name, None)

    def rows(self) -> list[RiskRow]:
        """Since the last call."""
        rows, self._rows = list(self._rows.values()), {}
        return rows

    def to_plain(self) -> list[list[Any]]:
        """JSON-ready."""
        return [[*name, *known] for name, known in self._known.items()]

    def from_plain(self, plain: list[tuple[str, str, float, float, int, str]]) -> None:
        """Inverse of `to_plain`."""
        self._known = {(kind, value): (at, risk, tactics, uid) for kind, value, at, risk, tactics, uid in plain}
        self._rows = {}
