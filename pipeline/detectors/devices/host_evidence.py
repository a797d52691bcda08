"""What is known of one host, and which class of device that makes it, with how much confidence."""

from dataclasses import dataclass, field

from pipeline.features.device_classes import CLINICAL, CODES, NAMES

LISTED = 0.99
"""Confidence in what the inventory says: people mistype."""
MEDICAL_SHARE = 0.5
"""How much of the evidence for some medical device counts for each kind of them."""
SERVER_SHARE = 0.5
"""How much of the evidence for some server counts for those of images and results."""
MOST_PEERS = 16
BROWSES, SERVES = 10, 5  # distinct outside peers of a machine with a person, distinct clients of a server
SEVERAL = 0.4
"""What it adds that several machines are served, or looked after, in the way of a class that does so."""
CLIENTS, WATCHED = 2, 3  # machines that are several: those that ask for images or feed results, those that are asked
READS = 0.5
"""A machine that asks for images and is sent them by one archive, on an ordinary computer's card, is a reader's."""
ANSWERS, SPEAKS = "answers", "speaks"
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
    others: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    """(class of those that serve, why) → hashes of who it did so with, up to MOST_PEERS."""
    computer: bool = False
    """Its card is of a maker of whole computers."""
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
        for name in ("pacs", "clinical_server"):  # which are servers, too
            if doubt[name] < 1.0:
                doubt[name] *= 1.0 - SERVER_SHARE * (1.0 - doubt["server"])
        ranked = sorted(doubt, key=lambda name: (doubt[name], CODES[name]))
        best = ranked[0]
        if doubt[best] >= 1.0:
            return "unknown", 0.0, []
        family = _CLINICAL if best in _CLINICAL else {best}
        kin = "medical" if best in _CLINICAL else "server" if best in ("pacs", "clinical_server") else ""
        rival = next(name for name in ranked[1:] if name != kin)
        confidence = (1.0 - doubt[best]) * (1.0 - 0.5 * (1.0 - doubt[rival]))
        why = [reason for (name, reason), _ in self._all_hints().items() if name == best or name in family]
        return best, round(confidence, 2), why

    def _all_hints(self) -> dict[tuple[str, str], float]:
        found = dict(self.hints)
        if len(self.outside) >= BROWSES:
            found["workstation", "goes to many places outside"] = 0.4
        if len(self.clients) >= SERVES:
            found["server", "answers many machines"] = 0.4
        for (name, why), others in self.others.items():
            # Those who look after desks open their shares as well, so that a server of any kind needs more.
            clients = SERVES if name == "server" else CLIENTS
            if len(others) >= (clients if why.startswith(ANSWERS) else WATCHED):
                found[name, f"{why} with several machines"] = SEVERAL
        if self.computer and self._reads():
            found["workstation", "asks for images and is sent them"] = READS
        return found

    def _reads(self) -> bool:
        """Whether it asks for images and one machine sends them."""
        sent = [len(others) for (name, _), others in self.others.items() if name == "pacs"]
        return bool(sent) and max(sent) < CLIENTS and any(name == "imaging" for name, _ in self.hints)
