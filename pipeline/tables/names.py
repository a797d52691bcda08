"""What the names of columns say, where the cells alone would not tell."""

from __future__ import annotations

import re

_TIME = {
    "ts", "time", "timestamp", "date", "datetime", "stime", "ltime", "starttime", "endtime", "start", "end",
    "flowstart", "flowend", "firstseen", "lastseen", "eventtime", "createdat", "epoch", "unixtime",
    "starttimestamp", "endtimestamp",
    "flowstarttime", "flowendtime", "frametime", "frametimeepoch", "flowstartmilliseconds", "flowendmilliseconds",
    "bidirectionalfirstseenms", "bidirectionallastseenms", "capturetime", "recordtime", "logtime",
    "timefirst", "timelast",
}  # fmt: skip
_PORT = re.compile(
    r"(s|d|src|dst|source|destination|dest|orig|resp|origin|client|server|local|remote|l4src|l4dst|tcp|udp|idorig|idresp)?"
    r"(port|prt|portno|portnumber)|idorigp|idrespp|tcpsrcport|tcpdstport|udpsrcport|udpdstport"
)
_CODE = re.compile(r"proto|protocol|ipproto|protocolid|icmptype|icmpcode|vlan|vlanid")
_IDENTIFIER = {
    "id", "uid", "guid", "uuid", "index", "idx", "rowid", "rownumber", "recordid", "flowid", "sessionid", "eventid",
    "connid", "connectionid", "packetid", "no", "number", "serial", "seq", "rowname", "key", "hash", "unnamed0",
    "unnamed1", "srid", "transactionid", "caseid", "sampleid", "instanceid", "traceid", "messageid", "orderid",
}  # fmt: skip
_LABEL = re.compile(
    r"labels?|class(es)?|target|y|attack|attacks?(cat|category|type|types|label|name|id|kind|class|family)|isattack|"
    r"category|subcategory|detailedlabel|anomaly|anomalous|isanomaly|outlier|isoutlier|malicious|ismalicious|threat|"
    r"groundtruth|truth|intrusion|result|outcome|fraud|isfraud|type|subtype|binarylabel|multilabel|labelname|labelid|"
    r"trafficlabel|traffictype|attackorbenign|benign|normal|malware|malwaretype|botnet|scenario|l7attack|specificclass|"
    r"(attack|class|label|target)[a-z]*(cat|type|label|name|code|num|id)|(multi|binary|bin|sub|main|true)(class|label)"
)


def plain(name: str) -> str:
    """Letters and digits, small: `Src Port`, `src_port` and `id.resp_p` lose what is between their words.

    >>> plain(" Dst Port"), plain("id.resp_p"), plain("Attack Category")
    ('dstport', 'idrespp', 'attackcategory')
    """
    return "".join(c for c in name.lower() if c.isalnum())


def is_time(name: str) -> bool:
    """A moment, and not a duration."""
    return plain(name) in _TIME


def is_port(name: str) -> bool:
    """A TCP or UDP port."""
    return _PORT.fullmatch(plain(name)) is not None


def is_code(name: str) -> bool:
    """Small whole numbers that are names: the protocol, an ICMP type."""
    return _CODE.fullmatch(plain(name)) is not None


def is_identifier(name: str) -> bool:
    """Which record it is."""
    return plain(name) in _IDENTIFIER


def marks_attacks(name: str) -> bool:
    """One of several marks beside the label: `attack_P1`, `anomaly_type_2`."""
    return plain(name).startswith(("attack", "anomal", "label", "malicious", "intrusion"))


def is_label(name: str) -> bool:
    """A name that labels have; also other columns may, so their values have to agree."""
    return _LABEL.fullmatch(plain(name)) is not None
