"""What is known of one host, and which class of device that makes it, with how much confidence."""

from dataclasses import dataclass, field

from pipeline.features.device_classes import CLINICAL, CODES, NAMES

LISTED = 0.99
"""Confidence in what the inventory says: people mistype."""
MEDICAL_SHARE = 0.5
"""How much of the evidence for some medical device counts for each kind of them."""
MOST_PEERS = 16
BROWSES, SERVES = 10, 5  # distinct outside peers of a machine with a person, distinct clients of a server
_CLINICAL = frozenset(NAMES[code] for code in CLINICAL)


@dataclass(slots=True)
class HostEvidence:
    """One host, by its address."""

    ip: str
    mac: str = ""
    name: str = ""
    maker: str = ""
    first_ts: float = float("inf")
    last_ts: float = float("-inf")
    events: int = 0
    software: set[str] = field(default_factory=set)
    outside: set[int] = field(default_factory=set)
    """Hashes of peers on the internet, up to MOST_PEERS."""
    clients: set[int] = field(default_factory=set)
    """Hashes of who it answered, up to MOST_PEERS."""
    listed: dict[str, str] = field(default_factory=dict)
    """Its row of the inventory."""
    hints: dict[tuple[str, str], float] = field(default_factory=dict)
    """(class, why) → weight in [0, 1]."""

    def hint(self, name: str | None, why: str, weight: float) -> None:
        """Something points at class `name`."""
        if name is not None and name != "unknown":
            self.hints[name, why] = max(weight, self.hints.get((name, why), 0.0))

    def judged(self) -> tuple[str, float, list[str]]:
        """(class, confidence in [0, 1], why): independent hints add up (noisy or), rivals take away.

        >>> host = HostEvidence("10.0.0.9")
        >>> host.hint("patient_monitor", "maker Masimo", 0.6)
        >>> host.hint("medical", "speaks port 2575", 0.4)
        >>> host.judged()
        ('patient_monitor', 0.68, ['maker Masimo', 'speaks port 2575'])
        """
        doubt = dict.fromkeys(CODES, 1.0)
        for (name, _), weight in self._all_hints().items():
            doubt[name] *= 1.0 - weight
        for name in _CLINICAL - {"medical"}:
            if doubt[name] < 1.0:
                doubt[name] *= 1.0 - MEDICAL_SHARE * (1.0 - doubt["medical"])
        ranked = sorted(doubt, key=lambda name: (doubt[name], CODES[name]))
        best = ranked[0]
        if doubt[best] >= 1.0:
            return "unknown", 0.0, []
        family = _CLINICAL if best in _CLINICAL else {best}
        rival = next(name for name in ranked[1:] if not (name == "medical" and best in _CLINICAL))
        confidence = (1.0 - doubt[best]) * (1.0 - 0.5 * (1.0 - doubt[rival]))
        why = [reason for (name, reason), _ in self._all_hints().items() if name == best or name in family]
        return best, round(confidence, 2), why

    def _all_hints(self) -> dict[tuple[str, str], float]:
        found = dict(self.hints)
        if len(self.outside) >= BROWSES:
            found["workstation", "goes to many places outside"] = 0.4
        if len(self.clients) >= SERVES:
            found["server", "answers many machines"] = 0.4
        return found
