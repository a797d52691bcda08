"""What the record system and the inventory tell: a snapshot when the feed begins, then every change."""

from pipeline.simulator.activities.activity import Planned
from pipeline.simulator.documents import network, records
from pipeline.simulator.verbs import care
from pipeline.simulator.verbs.net import link
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.care import Stay
from pipeline.simulator.world.staff import DEPARTMENTS

# The snapshot is spread over this part of the span, as a bulk export would be.
_SNAPSHOT_PART = 0.04


class Inventory(Planned):
    """Every medical device, with its lease and what software it shows."""

    def play(self, s: Scene) -> None:
        d, world = s.draws, s.world
        length = _SNAPSHOT_PART * (world.end_ts - world.start_ts)
        for item in world.devices:
            ts = world.start_ts + d.between(0, length)
            host = item.host
            segment = host.ip.rsplit(".", 1)[0] + ".0/24"
            records.device(
                s.tape, ts, mac=host.mac, ip=host.ip, device_class=item.cls.name, vendor=item.cls.vendor,
                model=item.model, firmware=item.firmware, segment=segment,
            )  # fmt: skip
            where = link(s, host, world.servers["dc1"], 67, "udp", "dhcp")
            network.dhcp(s.tape, ts + 1, where, assigned_ip=host.ip, hostname=host.name, lease_s=86400.0)
            network.software(
                s.tape, ts + 2, link(s, host, world.servers[item.cls.server], item.cls.port, item.cls.proto),
                software=item.model, version=item.firmware, software_type="DEVICE",
            )  # fmt: skip


class Context(Planned):
    """Staff, departments, patients in the house; then arrivals, moves, orders and departures."""

    def play(self, s: Scene) -> None:
        world, d = s.world, s.draws
        length = _SNAPSHOT_PART * (world.end_ts - world.start_ts)
        for name in DEPARTMENTS:
            care.tell_department(s, world.start_ts + d.between(0, 0.2 * length), name)
        for person in world.staff:
            care.tell_person(s, world.start_ts + d.between(0, length), person)
        for stay in world.care.stays:
            if stay.start_ts >= world.end_ts:
                break
            if stay.start_ts >= world.start_ts:
                self._arrival(s, stay)
            elif stay.end_ts > world.start_ts:
                self._resident(s, stay, world.start_ts + d.between(0, length))
            if world.start_ts < stay.end_ts < world.end_ts:
                care.tell_stay(s, stay.end_ts, stay, "finished")

    def _resident(self, s: Scene, stay: Stay, ts: float) -> None:
        care.tell_patient(s, ts, stay.patient)
        care.tell_stay(s, ts + 0.1, stay, "in-progress")
        care.tell_team(s, ts + 0.2, stay)
        self._changes(s, stay, ts + 0.3)

    def _arrival(self, s: Scene, stay: Stay) -> None:
        ts = stay.start_ts
        if stay.booked:
            care.tell_appointment(s, max(s.world.start_ts, ts - s.draws.between(60, 7200)), stay)
        care.tell_patient(s, ts, stay.patient)
        care.tell_stay(s, ts + 0.1, stay, "in-progress")
        care.tell_team(s, ts + 0.2, stay)
        self._changes(s, stay, ts + 0.3)

    def _changes(self, s: Scene, stay: Stay, known_ts: float) -> None:
        for order in stay.orders:
            care.tell_order(s, max(order.ts, known_ts), stay, order)
        if stay.move is not None and stay.move[0] > known_ts:
            care.tell_stay(s, stay.move[0], stay, "in-progress")
