"""What Snort and Suricata write in one line about an alert (fast.log, syslog) → an alert of another detector."""

import re

from pipeline.ingest.format import Fields, whole_number

_LOOK_AT = 4096
_IP = r"[\da-fA-F.:]{3,39}?"
_ALERT = re.compile(
    r"\[(?P<gid>\d{1,10}):(?P<sid>\d{1,10}):\d{1,10}\] (?P<signature>.{1,1024}?)(?: \[\*\*\])?"
    r"(?: \[Classification: (?P<category>[^\]]{1,256})\])?(?: \[Priority: (?P<priority>\d{1,3})\]):? "
    rf"\{{(?P<proto>[\w-]{{1,24}})\}} (?P<src>{_IP})(?::(?P<sport>\d{{1,5}}))? -> "
    rf"(?P<dst>{_IP})(?::(?P<dport>\d{{1,5}}))?$"
)


def told_alert(message: str) -> Fields | None:
    """Fields of an IdsAlert; None for all other lines."""
    match = _ALERT.search(message[:_LOOK_AT].rstrip()) if "[Priority: " in message else None
    if match is None:
        return None
    return {
        "kind": "ids_alert", "src_ip": match["src"], "src_port": whole_number(match["sport"]), "dst_ip": match["dst"],
        "dst_port": whole_number(match["dport"]), "proto": match["proto"].lower(), "signature": match["signature"],
        "signature_id": match["sid"], "category": match["category"], "severity": whole_number(match["priority"]),
    }  # fmt: skip
