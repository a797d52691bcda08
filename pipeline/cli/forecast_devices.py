"""Which devices want patching first, by what inventory, list and database say of each."""

import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson

from pipeline.cli.database import database_of
from pipeline.cli.printable import printable
from pipeline.detectors.devices.firmware import EXPOSED, UNKNOWN, KnownExploited
from pipeline.errors import UsageError
from pipeline.features.device_classes import CODES
from pipeline.features.known_devices import inventory_class
from pipeline.features.lists import UserList
from pipeline.forecast.device_pressure import DeviceFacts, Hole, Pressure, ranked
from pipeline.runtime.lists.files import indexed, read_rows
from pipeline.runtime.lists.inventory import read_inventory
from pipeline.settings import load_settings
from pipeline.sinks.clickhouse import ClickHouse

Row = Mapping[str, str]
_DATES = ("firmware_date", "firmware_released", "firmware_installed", "last_patched", "last_updated")
"""Columns of inventories that say when its firmware came out or was put in, the first that is there."""
_LIFE = frozenset(CODES[name] for name in ("ventilator", "infusion_pump", "patient_monitor"))
_YES = frozenset(("1", "yes", "true", "y", "known"))
_YEAR_D = 365.25
_MOST = 40
_REMOTE = {21: "ftp", 22: "ssh", 23: "telnet", 3389: "rdp", 5900: "vnc", 5901: "vnc", 5938: "teamviewer", 5985: "winrm"}
_RANGES = (
    "10.", "127.", "192.168.", "169.254.", "172.(1[6-9]|2[0-9]|3[01]).", "100.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7]).",
    "f[cde]", "::1",
)  # fmt: skip
_INSIDE = "'^(" + "|".join(r.replace(".", "[.]") for r in _RANGES) + ")'"
_GROUPS = "'^(22[4-9]|23[0-9]|25[0-5])[.]|[.]255$|^ff'"
_TRAFFIC = f"""SELECT ip, sum(into), sum(clients), sum(out_of), arraySort(groupUniqArrayArray(ports)) FROM (
    SELECT dst_ip AS ip, uniqIf(src_ip, NOT match(src_ip, {_INSIDE})) AS into,
        uniqIf(src_ip, match(src_ip, {_INSIDE})) AS clients, 0 AS out_of,
        groupUniqArrayIf(toUInt32(dst_port), dst_port IN {tuple(_REMOTE)}) AS ports FROM scored_events
        WHERE source = 'network' AND kind = 'flow' AND bytes_in > 0 AND src_ip != '' AND dst_ip IN {{ips:Array(String)}}
        GROUP BY dst_ip
    UNION ALL SELECT src_ip AS ip, 0 AS into, 0 AS clients,
        uniqIf(dst_ip, dst_ip != '' AND NOT match(dst_ip, {_INSIDE}) AND NOT match(dst_ip, {_GROUPS})) AS out_of,
        [] AS ports FROM scored_events
        WHERE source = 'network' AND kind = 'flow' AND src_ip IN {{ips:Array(String)}} GROUP BY src_ip) GROUP BY ip"""
_ALERTS = """SELECT entity, arraySort(groupUniqArray(detector)) FROM alerts FINAL WHERE startsWith(detector, 'devices.')
    AND entity IN {names:Array(String)} AND status != 'Resolved' GROUP BY entity"""


def tell_devices(db: str | None, inventory: Path | None, known: Path | None, *, as_json: bool) -> int:
    """Print the ranking; files that are not given are the configured ones."""
    settings = load_settings()
    inventory, known = inventory or settings.inventory, known or settings.lists.get("known_exploited")
    if inventory is None:
        raise UsageError("--devices needs --inventory FILE; wardwatch devices PATH makes one from captures")
    listed = indexed("known_exploited", read_rows("known_exploited", known), None) if known else None
    rows, today = read_inventory(inventory), datetime.now(UTC).date()
    if db is None:
        facts = device_facts(rows, listed, None, today)
    else:
        with closing(database_of(db)) as database:
            facts = device_facts(rows, listed, database, today)
    for place, p in enumerate(ranked(facts)[: None if as_json else _MOST], 1):
        print(orjson.dumps(_document(p)).decode() if as_json else _lines(place, p))
    lacking = [text for lacks, text in ((listed is None, "--known-exploited FILE"), (db is None, "--db DIR")) if lacks]
    more = f"; {' and '.join(lacking)} would tell more" if lacking else ""
    print(f"{len(facts):,} devices, pressure from 0 to 100{more}", file=sys.stderr)
    return 0


def _lines(place: int, p: Pressure) -> str:
    product = " × ".join(f"{f.name} {f.value:.2f}" for f in p.factors)
    return f"{place:>3}. {p.value:5.1f}  {printable(p.sentence)}\n            = 100 × {product}"


def _document(p: Pressure) -> dict[str, Any]:
    factors = {f.name.replace(" ", "_"): {"value": round(f.value, 3), "why": f.why} for f in p.factors}
    return {"pressure": p.value, "sentence": p.sentence, "factors": factors} | asdict(p.device)


def device_facts(
    inventory: Iterable[Row], listed: UserList | None, db: ClickHouse | None, today: date
) -> list[DeviceFacts]:
    """Facts of every device of the inventory. SinkError when the database fails."""
    rows = list(inventory)
    known = KnownExploited(listed) if listed is not None else None
    traffic, alerts = _asked(db, rows)
    return [_facts(row, known, traffic, alerts, today) for row in rows]


def _asked(db: ClickHouse | None, rows: list[Row]) -> tuple[dict[str, Any], dict[str, tuple[str, ...]]]:
    if db is None:
        return {}, {}
    ips = sorted({row["ip"] for row in rows if row.get("ip")})
    names = sorted({*ips, *(row["mac"].lower() for row in rows if row.get("mac"))})
    traffic = {ip: rest for ip, *rest in db.query(_TRAFFIC, ips=ips)}
    return traffic, {entity: tuple(found) for entity, found in db.query(_ALERTS, names=names)}


def _facts(
    row: Row,
    known: KnownExploited | None,
    traffic: Mapping[str, Any],
    alerts: Mapping[str, tuple[str, ...]],
    today: date,
) -> DeviceFacts:
    ip, mac = row.get("ip") or "", (row.get("mac") or "").lower()
    hole, entry = _hole(row, known)
    into, clients, out_of, ports = traffic.get(ip, (0, 0, 0, ()))
    age, at_least = _age(row, entry if hole == "exploited" else {}, today)
    kind = inventory_class(row)
    name = row.get("name") or row.get("hostname") or ip or mac
    return DeviceFacts(
        name=name, device_class=kind, hole=hole, hole_name=_named(entry),
        ransomware=_says_yes(entry.get("knownransomwarecampaignuse") or entry.get("ransomware")),
        seen=ip in traffic, internet_in=int(into), internet_out=int(out_of), clients=int(clients),
        remote_services=tuple(dict.fromkeys(_REMOTE[int(p)] for p in ports)),
        findings=tuple(dict.fromkeys((*alerts.get(ip, ()), *alerts.get(mac, ())))),
        firmware=row.get("firmware") or "", firmware_age_y=age, at_least=at_least,
        life_support=CODES.get(kind) in _LIFE or _says_yes(row.get("life_support")),
    )  # fmt: skip


def _hole(row: Row, known: KnownExploited | None) -> tuple[Hole, Row]:
    if not known or not (row.get("model") or row.get("vendor")):
        return "unknown", {}
    grade, entry = known.device(row.get("vendor"), row.get("model"), row.get("firmware"))
    grades: dict[int, Hole] = {EXPOSED: "exploited", UNKNOWN: "perhaps"}
    return (grades[grade], entry) if grade in grades else ("none", {})


def _named(entry: Row) -> str:
    return next((entry[c] for c in ("cveid", "cve", "vulnerabilityname", "name") if entry.get(c)), "")


def _says_yes(text: str | None) -> bool:
    return (text or "").strip().lower() in _YES


def _age(row: Row, entry: Row, today: date) -> tuple[float | None, bool]:
    """Years since its firmware came out, else since the hole it has was listed, which is a lower bound."""
    told = next((d for c in _DATES if (d := _day(row.get(c)))), None)
    since = told or _day(entry.get("dateadded"))
    if since is None:
        return None, False
    return max((today - since).days, 0) / _YEAR_D, told is None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
