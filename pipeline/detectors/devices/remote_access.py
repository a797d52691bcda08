"""Somebody works on a medical device from afar, perhaps with the password it was delivered with."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.devices.terminals import Terminals
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.device_classes import CLINICAL, CODES, NAMES, UNKNOWN
from pipeline.features.hashing import combine_many
from pipeline.features.known_devices import device_ends
from pipeline.features.lists import Lists, UserList
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.features.unknown import filled
from schemas.finding import Feature

ACCESSES, ROUTES, ADMINS = 2048, 1024, 1024  # per key group
DAY_S, HOUR_S = 86_400.0, 3600.0
# What each way in is worth: those without encryption are worse.
DOORS = {"telnet": 0.75, "ftp": 0.65, "rlogin": 0.75, "vnc": 0.65, "rfb": 0.65, "rdp": 0.6, "ssh": 0.6}
PORTS = {23: 0.75, 2323: 0.75, 21: 0.65, 513: 0.75, 5900: 0.65, 5800: 0.65, 3389: 0.6, 22: 0.6, 5555: 0.75}
DEFAULT_NAMES = (
    "admin", "administrator", "root", "user", "guest", "service", "support", "test", "default", "operator",
    "supervisor", "manager", "tech", "biomed", "clinical", "maintenance", "anonymous", "ftp", "pi", "sa",
)  # fmt: skip
"""User names that makers' manuals name for delivery."""
DEFAULT, WEB, ENCRYPTED, UNLISTED, KNOWN_ADMIN, USUAL = 0.85, 0.7, 0.6, 0.6, 0.4, 0.2
MACHINES = 3  # that somebody who administers works on in a day, devices apart
_TARGETS = np.array([code in CLINICAL or code == CODES["building_automation"] for code in range(len(NAMES))])
_DOOR = np.zeros(65_536)
_DOOR[list(PORTS)] = list(PORTS.values())


class RemoteAccess(Detector):
    """Answered Telnet, FTP, SSH, VNC or RDP to a device of the inventory, or of a medical maker's MAC address; Telnet
    and rlogin also to machines of which nothing is known (`Terminals`).

    Telnet scores 0.75, SSH and RDP 0.6 when the source, or its network by the same port, has not done so for a day
    at least; 0.85 for a logon under a name that makers deliver with, over these or HTTP. SSH and RDP from where
    administrators work (three other machines that day, since an hour at least) score 0.4; a session of Telnet with a
    machine that is not known scores 0.6 where nobody worked so before. Sources on the lists `maintenance` and
    `scanners` stay quiet, as does everything in the first hour.
    """

    id = "devices.remote_access"
    title = "Remote work on a device"
    severity = 4
    attacks = ("T1021", "T1078.001")
    source = "network"
    entity = ("src_ip", "src_mac")
    entity_type = "ip"
    group_by = ("src_ip",)
    inputs = ("src_ip", "dst_ip", "dst_mac", "dst_port", "service", "kind", "user", "outcome", "bytes_out", "bytes_in",
              "duration_s", "proto", "conn_state")  # fmt: skip
    cost = "O(1) an event to a device; 5,500 accesses and sessions of 40 bytes a key group"
    reference = "FDA, Cybersecurity in Medical Devices (2023); CISA ICSMA advisories on default credentials"
    misses = (
        "Devices that neither the inventory nor their MAC address tells, but by Telnet; sessions on unusual ports that "
        "the sensor does not recognise, whoever did it all along, and logons inside TLS."
    )
    defaults = {"known_after_h": 24.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._clock = Sightings(setup.groups, 8)
        self._access = Sightings(setup.groups, ACCESSES)
        self._routes = Sightings(setup.groups, ROUTES)
        self._machines = WindowedDistinct(setup.groups, ADMINS, DAY_S, ring=8)
        self._admins = Sightings(setup.groups, ADMINS)
        self._terminals = Terminals(setup.groups)
        self._parts: dict[str, Stateful] = {
            "clock": self._clock, "access": self._access, "routes": self._routes, "machines": self._machines,
            "admins": self._admins, "terminals": self._terminals,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values, default = np.full(batch.n, np.nan), np.zeros(batch.n, np.bool_)
        watched_s = self._clock.note(np.ones(batch.n, np.uint64), batch.ts, batch.groups)[0]
        rows, worth, delivered = self._work(batch)
        terminals = self._terminals.news(batch)
        if not len(rows):
            return Scores(values, {"default": default})
        ends = device_ends(batch, self.setup.lists, "dst")
        unknown = terminals[(ends.codes[terminals] == UNKNOWN) & ~ends.listed[terminals]]
        values[unknown[self._asks(batch, unknown)]] = UNLISTED
        target = _TARGETS[ends.codes[rows]]
        src, ts, groups = batch.hash("src_ip")[rows], batch.ts[rows], batch.groups[rows]
        machines = self._machines.add(src, np.where(target, np.uint64(0), batch.hash("dst_ip")[rows]), ts, groups)
        admin = (machines >= MACHINES) & (self._admins.note(src, ts, groups)[0] >= HOUR_S)
        worth = np.where(admin & ~delivered & (worth <= ENCRYPTED), KNOWN_ADMIN, worth)
        kept = target & self._asks(batch, rows)
        rows, worth, delivered, src = rows[kept], worth[kept], delivered[kept], src[kept]
        ts, groups = ts[kept], groups[kept]
        port = filled(batch.number("dst_port")[rows]).astype(np.uint64) + np.uint64(1)
        segment = device_ends(batch, self.setup.lists, "src").segment[rows]
        way = combine_many(ends.kin[rows], port)
        own = self._access.note(combine_many(src, way), ts, groups)[0]
        route = filled(self._routes.note(combine_many(segment, way), ts, groups)[0])
        known_s = np.maximum(own, route)
        quiet = (known_s >= 3600.0 * float(self.option["known_after_h"])) | (watched_s[rows] - known_s < HOUR_S)
        values[rows] = np.where(quiet, USUAL, worth)
        default[rows] = delivered
        return Scores(values, {"default": default})

    def _asks(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[k]: the source is on no list of those who may."""
        src = batch.hash("src_ip")[rows]
        found: np.ndarray = ~self.setup.lists["scanners"].marks(src) & ~self.setup.lists["maintenance"].marks(src)
        return found

    def _work(self, batch: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(rows int64[m], worth float64[m], delivered bool[m]): remote work, what it is worth on a device, and whether
        it is under a name that makers deliver with."""
        service = batch.hash("service")
        door = np.where(service == 0, _DOOR[filled(batch.number("dst_port")).astype(np.int64)], 0.0)
        for name, value in DOORS.items():
            door[batch.equals("service", name)] = value
        delivered = batch.is_in("user", DEFAULT_NAMES)
        http = batch.kind("http") & delivered
        rows = np.flatnonzero(((door > 0) | http) & (batch.hash("src_ip") != 0))
        door, delivered, http = door[rows], delivered[rows], http[rows]
        answered = (batch.number("bytes_in")[rows] > 0) & (batch.number("bytes_out")[rows] > 0)
        logon = batch.kind("auth")[rows] & ~batch.equals("outcome", "failure")[rows]
        worth = np.where((batch.kind("flow")[rows] & answered) | logon, door, 0.0)
        delivered &= logon | http
        worth = np.where(delivered, np.where(http, WEB, DEFAULT), worth)
        some = worth > 0
        return rows[some], worth[some], delivered[some]

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        src, dst = named(batch, row, "src_ip", "src_mac"), named(batch, row, "dst_ip")
        code = int(device_ends(batch, self.setup.lists, "dst").codes[row])
        what = {UNKNOWN: "a machine that no list names", CODES["medical"]: "medical device"}.get(
            code, NAMES[code].replace("_", " ")
        )
        port = int(batch.value("dst_port", row) or 0)
        by = named(batch, row, "service", otherwise=f"port {port}")
        who = named(batch, row, "user", otherwise="")
        under = f" as {who!r}, a name that makers deliver with" if scores.evidence["default"][row] else ""
        message = f"{src} works on {dst} ({what}) over {by}{under}; it never did before."
        features = [Feature(name="way_in", value=by[:64])]
        features += [Feature(name="name_makers_deliver_with", value=who[:64])] if under else []
        hours = float(self.option["known_after_h"])
        normal = f"A machine on the list of maintenance, or one that has worked on it for more than {hours:g} hours."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        pump = {"mac": "02:00:00:00:00:07", "ip": "10.4.0.7", "class": "infusion pump"}
        lists = Lists(devices={pump["ip"]: pump, pump["mac"]: pump})
        listed = Lists({"maintenance": UserList({"10.4.9.13": ({"value": "10.4.9.13"},)})}, lists.devices)
        desk = {"src_ip": "10.4.9.13", "dst_ip": "10.4.0.7"}
        quiet = [desk | {"kind": "dns", "ts": 1e6 + 600.0 * i, "dst_port": 53} for i in range(8)]
        shell = desk | {"kind": "flow", "ts": 1e6 + 5000.0, "dst_port": 22, "proto": "tcp", "bytes_out": 4000,
                        "bytes_in": 9000}  # fmt: skip
        box = [q | {"ts": 1e6 + 1800.0 * k} for k, q in enumerate(quiet)]
        typed = {"kind": "flow", "ts": 1e6 + 14_000.0, "src_ip": "10.4.9.13", "dst_ip": "10.4.3.7", "dst_port": 23,
                 "proto": "tcp", "bytes_out": 600, "bytes_in": 9000, "duration_s": 90.0}  # fmt: skip
        logon = desk | {"kind": "auth", "ts": 1e6 + 5000.0, "dst_port": 21, "service": "ftp", "user": "service"}
        return (
            Example("a shell on a pump", [*quiet, shell], True, lists),
            Example("the maker's own name", [*quiet, logon | {"outcome": "success"}], True, lists),
            Example("Telnet with a machine that nobody listed", [*box, typed], True),
            Example("its banner alone", [*box, typed | {"bytes_out": 12, "duration_s": 0.2}], False),
            Example("listed maintenance", [*quiet, shell], False, listed),
            Example("it knocks in vain", [*quiet, shell | {"bytes_in": 0}], False, lists),
            Example("data on its own port", [*quiet, shell | {"dst_port": 8443, "service": "ssl"}], False, lists),
        )
