"""What name servers and lease servers write: who asked for which name, which address went to which machine."""

import re

from pipeline.ingest.format import Fields

_LOOK_AT = 2048
_NAME = r"(?P<query>[^\s()']{1,255})"
_IP = r"(?P<src>[\da-fA-F.:]{3,45})"
_QUERIES = tuple(
    (hint, re.compile(pattern))
    for hint, pattern in (
        (
            "query: ",
            rf"client .{{0,40}}?{_IP}#\d{{1,5}}:? .{{0,300}}?query: {_NAME} (?:IN|CH) (?P<type>[A-Z0-9]{{1,10}})",
        ),  # BIND
        ("query[", rf"query\[(?P<type>[A-Z0-9]{{1,10}})\] {_NAME} from {_IP}$"),  # dnsmasq
        ("info: ", rf"info: (?:\w{{1,32}} )?{_IP}(?:@\d{{1,5}})? {_NAME} (?P<type>[A-Z0-9]{{1,10}}) IN"),  # unbound
        ("] query: ", rf"\] query: {_IP} {_NAME} (?P<type>[A-Z0-9]{{1,10}}) IN"),  # unbound
    )
)
_WINDOWS = re.compile(
    r"(?:UDP|TCP) Rcv (?P<src>[\da-fA-F.:]{3,45}) +[\da-f]{4}   Q \[[^\]]{1,32}\] (?P<type>[A-Z0-9]{1,10}) +"
    r"(?P<labels>(?:\(\d{1,2}\)[^\s()]{0,63}){1,40})"
)
"""The debug log of Windows' name server; names stand there with the length of each label before it."""
_LENGTH = re.compile(r"\(\d{1,2}\)")
_MAC = r"(?P<mac>[\da-fA-F]{2}(?:[:-][\da-fA-F]{2}){5})"
_LEASES = (
    re.compile(rf"DHCPACK on (?P<ip>[\d.]{{7,15}}) to {_MAC}(?: \((?P<name>[^)\s]{{1,255}})\))?"),  # ISC
    re.compile(rf"DHCPACK\([^)]{{1,32}}\) (?P<ip>[\d.]{{7,15}}) {_MAC}(?: (?P<name>\S{{1,255}}))?$"),  # dnsmasq
)


def told_name(message: str) -> Fields | None:
    """Fields of a DnsEvent or DhcpEvent; None for all other lines."""
    for hint, pattern in _QUERIES:
        match = pattern.search(message, 0, _LOOK_AT) if hint in message else None
        if match:
            return {
                "kind": "dns", "service": "dns", "dst_port": 53, "src_ip": match["src"],
                "query": match["query"].rstrip(".") or ".", "qtype": match["type"],
            }  # fmt: skip
    asked = _WINDOWS.search(message, 0, _LOOK_AT) if " Rcv " in message else None
    if asked:
        name = ".".join(label for label in _LENGTH.split(asked["labels"]) if label)
        return {
            "kind": "dns", "service": "dns", "dst_port": 53, "src_ip": asked["src"], "query": name or ".",
            "qtype": asked["type"],
        }  # fmt: skip
    if "DHCPACK" in message:
        for pattern in _LEASES:
            match = pattern.search(message, 0, _LOOK_AT)
            if match:
                return {
                    "kind": "dhcp", "service": "dhcp", "src_mac": match["mac"].lower().replace("-", ":"),
                    "src_ip": match["ip"], "assigned_ip": match["ip"], "hostname": match["name"],
                }  # fmt: skip
    return None
