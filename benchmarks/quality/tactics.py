"""ATT&CK tactics by technique, for what our detectors tell (enterprise matrix, version 15)."""

_TACTICS = {
    "credential_access": "T1003 T1110 T1555 T1556 T1558 T1606 T1056 T1552 T1539 T1557 T1187 T1552 T1649 T1040 "
    "T1528 T1621",
    "discovery": "T1033 T1087 T1069 T1082 T1016 T1018 T1049 T1057 T1012 T1135 T1482 T1046 T1083 "
    "T1217 T1518 T1615 T1654 T1040 T1580 T1613 T1526 T1007 T1614 T1201",
    "execution": "T1059 T1204 T1047 T1053 T1569 T1106 T1203 T1559 T1609 T1651",
    "persistence": "T1547 T1546 T1543 T1053 T1136 T1098 T1137 T1505 T1197 T1556 T1078 T1574 T1176 T1112",
    "privilege_escalation": "T1547 T1546 T1543 T1053 T1548 T1134 T1055 T1098 T1484 T1078 T1068 T1574 T1611",
    "defense_evasion": "T1218 T1197 T1127 T1055 T1562 T1548 T1134 T1036 T1027 T1564 T1222 T1112 T1014 T1620 T1070 "
    "T1140 T1550 T1207 T1484 T1556 T1078 T1202 T1553 T1574 T1216 T1006 T1480 T1578",
    "lateral_movement": "T1021 T1550 T1563 T1570 T1210",
    "collection": "T1123 T1125 T1056 T1113 T1115 T1560 T1114 T1039 T1530 T1074 T1005 T1213",
    "exfiltration": "T1048 T1567 T1537 T1020 T1041 T1030",
    "command_and_control": "T1105 T1071 T1573 T1090 T1095 T1219 T1572 T1102 T1001 T1132",
    "initial_access": "T1190 T1189 T1078",
    "impact": "T1490 T1489 T1486 T1485 T1499 T1491 T1496 T1529 T1531 T1561",
}


def tactics_of(technique: str) -> tuple[str, ...]:
    """Tactics of a technique or sub-technique; empty for one that is not listed."""
    parent = technique.partition(".")[0]
    return tuple(tactic for tactic, members in _TACTICS.items() if parent in members.split())
