"""Which column of a table or JSON record of flows holds what, told by its name alone.

Names are compared without case, blanks and signs: `Src IP`, `src_ip` and `source.ip` read alike. They are those of
CICFlowMeter, nfdump, SiLK, nProbe (NetFlow v9 and IPFIX fields), UNSW-NB15, the clouds' flow logs, the Elastic Common
Schema, Arkime, ElastiFlow, ExtraHop, Windows' and Palo Alto's firewalls. No label is read.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.ingest.tables import first_of, plain_name

_NAMES: dict[str, tuple[str, ...]] = {
    "ts": ("ts", "starttime", "stime", "start", "tfirst", "first", "firstseen", "datefirstseen",
           "flowstart", "flowstarttime", "flowstartmilliseconds", "flowstartseconds", "firstswitched", "eventstart",
           "flowstartnanoseconds", "flowstartmicroseconds", "firstpacket",
           "timestamp", "datetime", "time", "timereceived", "treceived", "receivetime", "generatetime", "date", "te"),
    "clock": ("time",),
    "src": ("srcip", "sourceip", "srcaddr", "sourceaddress", "sa", "sip", "saddr", "srcipaddr", "src4addr", "src6addr",
            "ipv4srcaddr", "ipv6srcaddr", "idorigh", "sourceipv4address", "sourceipv6address", "source",
            "srcaddress", "clientip", "senderaddr", "flowclientipaddr", "scrip", "srcipzeek"),
    "dst": ("dstip", "destinationip", "destip", "dstaddr", "destinationaddress", "da", "dip", "daddr", "dstipaddr",
            "dst4addr", "dst6addr", "ipv4dstaddr", "ipv6dstaddr", "idresph", "destinationipv4address",
            "destinationipv6address", "destination", "dstaddress", "destaddr", "serverip",
            "receiveraddr", "flowserveripaddr", "desip", "destipzeek"),
    "sport": ("srcport", "sourceport", "sport", "sp", "srcpt", "l4srcport", "sourcetransportport",
              "idorigp", "senderport", "flowclientl4portid", "scrport", "srcportzeek"),
    "dport": ("dstport", "destinationport", "destport", "dport", "dp", "dstpt", "dsport", "l4dstport",
              "destinationtransportport", "idrespp", "receiverport", "flowserverl4portid", "desport",
              "destportzeek"),
    "proto": ("proto", "protocol", "pr", "pro", "ipprotocol", "networktransport", "protocolidentifier", "transport",
              "networkprotocol", "l4protoname"),
    "service": ("service",),
    "dur": ("dur", "duration", "td", "durationsec", "elapsedtimesec", "flowduration", "flowdurationmilliseconds",
            "eventduration"),
    "payload_out": ("totlenfwdpkts", "totlenfwdpacket", "totallengthoffwdpackets", "totallengthoffwdpacket",
                    "totlenfwdpackets", "origbytes", "srcbytes", "fwdpayloadbytes", "scrbytes"),
    "payload_in": ("totlenbwdpkts", "totlenbwdpacket", "totallengthofbwdpackets", "totallengthofbwdpacket",
                   "totlenbwdpackets", "respbytes", "dstbytes", "bwdpayloadbytes", "desbytes"),
    "bytes_out": ("ibyt", "ibytes", "inbytes", "sbytes", "bytessent", "sentbytes", "sourcebytes", "bytesout"),
    "bytes_in": ("obyt", "obytes", "outbytes", "dbytes", "bytesreceived", "rcvdbytes", "destinationbytes", "bytesin"),
    "bytes": ("bytes", "byt", "totbytes", "octets", "networkbytes", "octetdeltacount", "octettotalcount",
              "flowbytes", "size"),
    "packets_out": ("ipkt", "inpkts", "inpackets", "spkts", "totfwdpkts", "totfwdpackets", "totalfwdpackets",
                    "totalfwdpacket", "origpkts", "srcpkts", "packetssent", "sourcepackets", "pktssent", "scrpkts"),
    "packets_in": ("opkt", "outpkts", "outpackets", "dpkts", "totbwdpkts", "totbwdpackets", "totalbackwardpackets",
                   "totalbwdpackets", "resppkts", "dstpkts", "packetsreceived", "destinationpackets", "pktsreceived",
                   "despkts"),
    "packets": ("packets", "pkt", "pkts", "totpkts", "networkpackets", "packetdeltacount", "packettotalcount",
                "flowpackets"),
    "flags": ("flags", "flg", "tcpflags", "tcpcontrolbits", "initialtcpflags"),
    "syn": ("synflagcnt", "synflagcount"),
    "rst": ("rstflagcnt", "rstflagcount"),
    "state": ("connstate", "state"),
    "action": ("action", "act", "disposition"),
    "src_mac": ("srcmac", "sourcemac", "smac"),
    "dst_mac": ("dstmac", "destinationmac", "dmac"),
}  # fmt: skip
_AMOUNTS = ("sport", "dport", "proto", "dur", "bytes", "bytes_out", "payload_out", "packets", "packets_out")
_PARTS = re.compile(r"[.:]")
"""Objects that a value lies in, or who gave its name (`iana:octetDeltaCount`)."""
_MORE_THAN_FLOWS = frozenset(("signature", "signatureid", "alert", "query", "url", "uri", "method", "useragent",
                              "message", "msg", "eventid", "eventtype", "dnsquestionname",
                              "httprequestmethod"))  # fmt: skip
"""What tells of more than a flow; records with a text of their own belong to other formats."""
_UNITS = {"flowdurationmilliseconds": 1e-3, "eventduration": 1e-9, "flowduration": 1e-6}
"""Of durations that are not in seconds: nProbe, the Elastic Common Schema, CICFlowMeter."""


@dataclass(frozen=True, slots=True)
class FlowColumns:
    """Where a table keeps what: our name → its column."""

    places: Mapping[str, str]
    unit_of_duration: float
    sided: bool
    """Whether a record tells of both directions; otherwise the answer is a record of its own."""


def flow_columns(columns: Iterable[str], *, records: bool = False) -> FlowColumns | None:
    """The columns of a flow; None where these are of no flow with a time and addresses.

    `records`: they are names in a JSON record (dotted where nested), where amounts must stand beside the addresses.
    """
    plain = [(name, plain_name(name)) for name in columns]
    if not {short for _, short in plain}.isdisjoint(_MORE_THAN_FLOWS):
        return None
    known: dict[str, str] = {}
    for name, short in plain:
        known.setdefault(short, name)
        parts = _PARTS.split(name)
        for kept in (2, 1) if records and len(parts) > 1 else ():
            known.setdefault(plain_name("".join(parts[-kept:])), name)
    places = first_of(known, _NAMES)
    if "date" in known and "time" in known:
        places["ts"] = known["date"]
    else:
        places.pop("clock", None)
    if not {"ts", "src", "dst"} <= places.keys() or sum(name in places for name in _AMOUNTS) < 2:
        return None
    if records and not any(name in places for name in _AMOUNTS[4:]):
        return None
    duration = plain_name(places.get("dur", ""))
    sided = any(name in places for name in ("payload_in", "bytes_in", "packets_in", "state"))
    return FlowColumns(places, _UNITS.get(duration, 1.0), sided and "obyt" not in known and "src4addr" not in known)
