"""What kind of incident it is, by what was found, and what to do first."""

from collections.abc import Sequence

from pipeline.incidents.member import Member
from pipeline.incidents.tactics import FRAUD, PRIVACY
from schemas.incident import IncidentKind

# Detectors whose finding decides the kind whatever else was found, gravest first.
_BY_DETECTOR: tuple[tuple[str, IncidentKind], ...] = (
    ("pipeline.", "pipeline"),
    ("network.ransomware", "ransomware"),
    ("logs.backup_tampering", "ransomware"),
    ("network.phishing_click", "phishing"),
    ("network.phishing_mail", "phishing"),
)
_IDENTITY = ("ehr.identity_theft", "ehr.member_number", "claims.identity", "claims.doctor_shopping")
_ACCOUNT_DETECTORS = (
    "ehr.shared_account", "ehr.dormant_account", "ehr.new_workstation", "ehr.odd_hours", "logs.dormant_account",
    "logs.impossible_travel", "logs.new_host_for_user", "logs.odd_hour", "logs.first_media",
)  # fmt: skip
_INTRUDER = frozenset(
    ("Execution", "Persistence", "Privilege Escalation", "Defense Evasion", "Lateral Movement", "Command and Control")
)
_BETWEEN = "T1557"
"""Adversary in the middle: it is for credentials, but what one has to deal with is a machine that poses as another."""
_FIRST: dict[str, str] = {
    "ransomware": "take the machine off the network and keep the backups apart",
    "phishing": "ask who opened the mail, and change the passwords of those who did",
    "intrusion": "have security look at the machine before it is switched off",
    "exfiltration": "stop the transfer and find out what was sent",
    "account": "ask the person, and change the password if it was not they",
    "device": "have biomedical engineering look at the device at its place",
    "reconnaissance": "find out whose machine it is and what it is for",
    "disruption": "check that the service still works, and move to the fallback if not",
    "record_access": "let privacy ask why the chart was needed",
    "identity_theft": "check the person's identity at the next contact",
    "billing": "hold the payment until the claims are checked",
    "pipeline": "look at the pipeline itself",
    "other": "have security look at it",
}


def kind_of(members: Sequence[Member]) -> IncidentKind:
    """Of alerts that stand, by the strongest signs."""
    detectors = [m.detector for m in members]
    for begin, kind in _BY_DETECTOR:
        if any(d.startswith(begin) for d in detectors):
            return kind
    top = max(members, key=lambda m: (m.points, m.alert_id))
    tactics = {m.tactic for m in members if m.severity >= top.severity - 1}
    if top.detector.startswith("devices."):
        return "device"
    if any(d in _IDENTITY for d in detectors) and top.subject[0] == "patient":
        return "identity_theft"
    if top.tactic == FRAUD:
        return "billing"
    if top.tactic == PRIVACY:
        return "account" if top.detector in _ACCOUNT_DETECTORS else "record_access"
    if "Exfiltration" in tactics:
        return "exfiltration"
    if tactics & _INTRUDER or any(t.startswith(_BETWEEN) for t in top.attacks):
        return "intrusion"
    if "Impact" in tactics:
        return "disruption"
    if "Credential Access" in tactics or top.detector in _ACCOUNT_DETECTORS:
        return "account"
    if "Initial Access" in tactics or "Collection" in tactics:
        return "intrusion"
    return "reconnaissance" if tactics & {"Discovery", "Reconnaissance"} else "other"


def first_step(kind: IncidentKind) -> str:
    """Half a sentence."""
    return _FIRST[kind]
