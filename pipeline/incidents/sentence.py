"""An incident in one sentence: who, what, how far it got, since when, what to do first."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pipeline.incidents.kinds import first_step
from pipeline.incidents.member import Member
from pipeline.incidents.names import MACHINES
from pipeline.incidents.tactics import FRAUD, PRIVACY, place_of
from schemas.incident import IncidentKind, Party

_WHAT: dict[str, str] = {
    "ransomware": "looks like ransomware",
    "phishing": "looks like phishing",
    "intrusion": "looks like a break-in",
    "exfiltration": "seems to send data out of the hospital",
    "account": "is an account that somebody else may be using",
    "device": "is a device that does not behave as it should",
    "reconnaissance": "looks around in the network",
    "disruption": "is disturbed, or disturbs others",
    "record_access": "opened records without a reason we know of",
    "identity_theft": "may be used by another person",
    "billing": "billed what does not look right",
    "pipeline": "is a fault of the watching itself",
    "other": "does something unusual",
}
# … where it is about something else than the kind's usual subject.
_WHAT_OTHER: dict[tuple[str, str], str] = {
    ("account", "machine"): "tries to get into accounts",
    ("device", "machine"): "does to a device what it should not",
    ("disruption", "user"): "may be disturbing others",
    ("record_access", "machine"): "reached records without a reason we know of",
}
# How far it got: the tactic in words of the house.
_REACHED: dict[str, str] = {
    "Reconnaissance": "it is being looked at from outside",
    "Resource Development": "it is being prepared",
    "Initial Access": "somebody got in, or tried",
    "Execution": "programs were run",
    "Persistence": "something was left behind to come back",
    "Privilege Escalation": "more rights were gained",
    "Defense Evasion": "protection or traces were tampered with",
    "Credential Access": "passwords are being taken",
    "Discovery": "the network is being explored",
    "Lateral Movement": "it went on to other machines",
    "Collection": "data was gathered",
    "Command and Control": "it is steered from outside",
    "Exfiltration": "data left the hospital",
    "Impact": "something stopped working, or was damaged",
}
_MAX = 1024
_SHOWN = 3


def sentence(kind: IncidentKind, subject: Party, others: Sequence[Party], members: Sequence[Member]) -> str:
    """For a nurse manager: no codes, times in UTC."""
    top = max(members, key=lambda m: (m.points, m.alert_id))
    since = datetime.fromtimestamp(min(m.first_ts for m in members), UTC)
    parts = [f"{_who(subject)}{_with(others)} {_what(kind, subject)}: {_short(top.message or top.title)}"]
    more = sorted({m.title for m in members if m.title != top.title})
    if more:
        shown = ", ".join(t[:1].lower() + t[1:] for t in more[:_SHOWN])
        parts.append(f"also: {shown}" + (f" and {len(more) - _SHOWN} more" if len(more) > _SHOWN else ""))
    far = max((m.tactic for m in members if m.tactic), key=place_of, default="")
    if far not in (PRIVACY, FRAUD, ""):
        parts.append(f"so far {_REACHED[far]}")
    text = "; ".join(parts)
    tail = f"; since {since:%Y-%m-%d %H:%M} UTC. First: {first_step(kind)}."
    return text[: _MAX - len(tail)] + tail


def normal_text(members: Sequence[Member]) -> str:
    """What would have been normal, of the strongest alerts."""
    ranked = sorted(members, key=lambda m: (-m.points, m.alert_id))
    texts = dict.fromkeys(f"{m.title}: {m.normal}" for m in ranked if m.normal)
    return " ".join(t if t.endswith((".", "!", "?")) else t + "." for t in list(texts)[:_SHOWN])[:2048]


def _who(party: Party) -> str:
    kind = party.device_class.replace("_", " ") or {"ip": "address", "mac": "machine"}.get(party.type, party.type)
    name = f"{party.name} ({party.value})" if party.name and party.name != party.value else party.value
    place = f" of {party.department}" if party.department else ""
    return f"{kind[:1].upper()}{kind[1:]} {name}{place}"


def _what(kind: IncidentKind, subject: Party) -> str:
    sort = "machine" if subject.type in MACHINES and not subject.device_class else subject.type
    return _WHAT_OTHER.get((kind, sort), _WHAT[kind])


def _with(others: Sequence[Party]) -> str:
    """Names that people know come first; numbers of network cards are for the list of parties."""
    known = sorted((p for p in others if p.type != "mac"), key=lambda p: p.type not in ("user", "host"))
    named = [p.value for p in known[:_SHOWN]]
    if not named:
        return ""
    rest = len(known) - len(named)
    return f" with {', '.join(named)}" + (f" and {rest} more" if rest > 0 else "")


def _short(text: str) -> str:
    return text.rstrip(". ")[:400]
