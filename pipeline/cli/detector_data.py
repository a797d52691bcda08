"""Where the events that a detector reads come from: by kind, the logs of common products that become them."""

from pipeline.detectors.detector import Detector
from pipeline.ingest.zeek.log import ZeekLog
from pipeline.ingest.zeek.logs import LOGS

_OTHERS = {
    ("network", "flow"): "Suricata flow and netflow; any flow exporter by mapping",
    ("network", "dns"): "Suricata dns",
    ("network", "http"): "Suricata http",
    ("network", "tls"): "Suricata tls",
    ("network", "file"): "Suricata fileinfo and smb",
    ("network", "auth"): "Suricata ssh, rdp, krb5, smb (NTLM) and ftp",
    ("network", "mail"): "Suricata smtp; packets; mail gateways and EML by their readers",
    ("network", "dhcp"): "Suricata dhcp",
    ("network", "ids_alert"): "Suricata alert",
    ("network", "other"): "any further Zeek log or Suricata event",
    ("logs", "line"): "syslog (RFC 5424, 3164), journal exports, any text file",
    ("logs", "auth"): "Windows Security 4624, 4625, 4634, 4648, 4672, 4720 to 4738, 4740, 4756, 4768 to 4776; "
    "SQL Server 18453 to 18456; sshd, sudo, su, PAM in auth.log or syslog, OpenSSH for Windows",
    ("contacts", "contact"): "what `network` has of flows and HTTP",
    ("contacts", "asker"): "what `network` has of flows",
    ("contacts", "claim"): "what `network` has of DNS",
    ("accounts", "auth"): "what `logs` has of log-ons and accounts",
    ("logs", "process"): "Sysmon 1, 2, 3, 6 to 15, 17 to 26; Windows Security 1102, 4688, 4697, 4698, 4702, 5140, "
    "5145; Windows System 104, 7045; EVTX files or JSON of any shipper",
    ("logs", "web"): "Apache and nginx access logs (common, combined)",
    ("ehr", "access"): "FHIR AuditEvent (also IHE BALP), DICOM/ATNA AuditMessage, CSV by mapping",
    ("claims", "claim"): "FHIR Claim and ExplanationOfBenefit, X12 837, CSV by mapping",
    ("devices", "device"): "the inventory: CSV by mapping or list, or learned from traffic",
}  # fmt: skip
_CONTEXT = "FHIR Encounter, Appointment, ServiceRequest, CareTeam, Practitioner, Patient, Organization"


def kinds_of(cls: type[Detector]) -> list[str]:
    """Kinds of events that its firing stories are made of."""
    return sorted({str(doc["kind"]) for e in cls.examples() if e.fires for doc in e.documents if "kind" in doc})


def _tells(log: ZeekLog, kind: str) -> bool:
    return (log.kind == kind and bool(log.columns)) or (kind == "auth" and log.logon is not None)


def products(source: str, kind: str) -> str:
    """What gives events of a kind, in words."""
    said = []
    if source == "network":
        logs = sorted(name for name, log in LOGS.items() if _tells(log, kind))
        if logs:
            said.append("Zeek " + ", ".join(f"{name}.log" for name in logs))
    said.append(_CONTEXT if source == "context" else _OTHERS.get((source, kind), "any source by mapping"))
    return "; ".join(said)


def lists_of(cls: type[Detector]) -> list[str]:
    """The user's lists that one of its stories is told with; `inventory` for devices."""
    named = {name for e in cls.examples() for name, rows in e.lists.by_name.items() if len(rows)}
    return sorted(named | {"inventory" for e in cls.examples() if e.lists.devices})
