"""Which tactic of ATT&CK a technique serves, and in which order tactics stand on a timeline."""

from collections.abc import Sequence

PRIVACY, FRAUD = "Privacy", "Fraud"
"""What ATT&CK has no tactic for: reading records, and billing for what was not done."""

# ATT&CK v17, Enterprise matrix from left to right; what follows has no place in it.
ORDER = (
    "Reconnaissance", "Resource Development", "Initial Access", "Execution", "Persistence", "Privilege Escalation",
    "Defense Evasion", "Credential Access", "Discovery", "Lateral Movement", "Collection", "Command and Control",
    "Exfiltration", "Impact", PRIVACY, FRAUD, "",
)  # fmt: skip
_PLACES = {name: place for place, name in enumerate(ORDER)}

# Technique → its tactic. Where ATT&CK gives several (T1078, T1053, T1098, T1197 …) the one for whose sake our
# detectors look at it. A technique that is not here, as from a Sigma rule of the user's, has none and stands last.
_TACTICS = {
    "Reconnaissance": "T1589 T1590 T1592 T1595 T1598",
    "Resource Development": "T1583 T1584 T1585 T1586 T1587 T1588 T1608",
    "Initial Access": "T1078 T1091 T1133 T1189 T1190 T1195 T1199 T1200 T1566 T0819 T0822 T0865",
    "Execution": "T1047 T1059 T1106 T1129 T1203 T1204 T1559 T1569 T1609 T1648 T1651 T0807 T0823 T0863",
    "Persistence": "T1037 T1053 T1098 T1136 T1137 T1176 T1505 T1542 T1543 T1546 T1547 T1554 T0839 T0889",
    "Privilege Escalation": "T1068 T1134 T1484 T1548 T1611 T0890",
    "Defense Evasion": "T1006 T1014 T1027 T1036 T1055 T1070 T1112 T1127 T1140 T1197 T1202 T1207 T1211 T1216 T1218"
    " T1220 T1222 T1480 T1497 T1553 T1562 T1535 T1564 T1574 T1578 T1599 T1620 T1622 T0820 T0849 T0872",
    "Credential Access": "T1003 T1040 T1056 T1110 T1111 T1187 T1212 T1528 T1539 T1552 T1555 T1556 T1557 T1558"
    " T1606 T1621 T1649",
    "Discovery": "T1007 T1010 T1012 T1016 T1018 T1033 T1046 T1049 T1057 T1069 T1082 T1083 T1087 T1120 T1124 T1135"
    " T1201 T1217 T1482 T1518 T1526 T1580 T1613 T1614 T1615 T1619 T1652 T1654 T0840 T0842 T0846 T0888",
    "Lateral Movement": "T1021 T1072 T1080 T1210 T1534 T1550 T1563 T1570 T0812 T0859 T0866 T0886",
    "Collection": "T1005 T1025 T1039 T1074 T1113 T1114 T1115 T1119 T1123 T1125 T1185 T1213 T1530 T1560 T1602 T0801"
    " T0802 T0811 T0830 T0852 T0868 T0877",
    "Command and Control": "T1001 T1008 T1071 T1090 T1092 T1095 T1102 T1104 T1105 T1132 T1205 T1219 T1568 T1571"
    " T1572 T1573 T0869 T0884 T0885",
    "Exfiltration": "T1011 T1020 T1029 T1030 T1041 T1048 T1052 T1537 T1567",
    "Impact": "T1485 T1486 T1489 T1490 T1491 T1495 T1496 T1498 T1499 T1529 T1531 T1561 T1565 T1657 T0803 T0804 T0805"
    " T0806 T0809 T0813 T0814 T0815 T0816 T0826 T0827 T0828 T0829 T0831 T0832 T0837 T0838 T0878 T0879 T0880 T0881"
    " T0882",
}
_TACTIC_OF = {technique: tactic for tactic, techniques in _TACTICS.items() for technique in techniques.split()}
# Sub-techniques that serve another tactic than their technique does.
_TACTIC_OF |= {"T1556.002": "Credential Access", "T1036.005": "Defense Evasion", "T1053.002": "Execution"}
_ROOMS = {"ehr": PRIVACY, "claims": FRAUD}


def tactic_of(technique: str) -> str:
    """The tactic's name; empty for a technique that is not known.

    >>> tactic_of("T1558.003"), tactic_of("T0886"), tactic_of("T9999")
    ('Credential Access', 'Lateral Movement', '')
    """
    return _TACTIC_OF.get(technique) or _TACTIC_OF.get(technique.split(".")[0], "")


def tactic_of_alert(detector: str, attacks: Sequence[str]) -> str:
    """Of the first technique it names; what rooms of records find is `Privacy` or `Fraud`.

    >>> tactic_of_alert("network.port_scan", ("T1046",)), tactic_of_alert("ehr.vip", ("T1213",))
    ('Discovery', 'Privacy')
    """
    room = detector.split(".")[0]
    if room in _ROOMS:
        return _ROOMS[room]
    return next((tactic for attack in attacks if (tactic := tactic_of(attack))), "")


def place_of(tactic: str) -> int:
    """Where it stands on a timeline."""
    return _PLACES.get(tactic, len(ORDER))
