"""What the record system and the inventory tell: a snapshot when the feed begins, then every change."""

from pipeline.simulator.activities.activity import OfStays, Planned
from pipeline.simulator.documents import network, records
from pipeline.simulator.rhythm import DAY_S, HOUR_S
from pipeline.simulator.verbs import care
from pipeline.simulator.verbs.net import link
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.stay import Stay
from pipeline.simulator.world.world import World

# The snapshot is spread over this part of the span, as a bulk export would be; an hour is enough for any.
_SNAPSHOT_PART, _SNAPSHOT_S = 0.04, HOUR_S
# In a shorter span the index of all patients and what is past would be most of what is told: only who matters is.
_WHOLE_INDEX_S = 6 * HOUR_S
# Registration is not always done when care begins: in an emergency it may take a while.
_REGISTERED_S = {"emergency": 420.0}
_TOLD_AT_ONCE_S = 45.0


def snapshot_s(world: World) -> float:
    """How long the snapshot takes."""
    return min(_SNAPSHOT_PART * (world.end_ts - world.start_ts), _SNAPSHOT_S)


class Inventory(Planned):
    """Every medical device, with its lease and what software it shows."""

    def play(self, s: Scene) -> None:
        d, world = s.draws, s.world
        length = snapshot_s(world)
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


class People(Planned):
    """Departments, staff with who comes, goes and moves; the index of patients, and those who died."""

    records = True

    def play(self, s: Scene) -> None:
        world, d = s.world, s.draws
        length = snapshot_s(world)
        for name in sorted({p.department for p in world.staff}):
            care.tell_department(s, world.start_ts + d.between(0, 0.2 * length), name)
        for person in world.staff:
            if person.begins_ts > world.start_ts:
                care.tell_person(s, person.begins_ts + d.between(-2, 8) * HOUR_S, person)
            else:
                care.tell_person(s, world.start_ts + d.between(0, length), person)
        known = {p.id for p in world.staff if p.begins_ts > world.start_ts} | {p.id for p in world.sleepers}
        for person in world.staff:
            if person.ends_ts < world.end_ts and person.id not in known:
                care.tell_person(s, person.ends_ts, person, "inactive")
        whole = world.end_ts - world.start_ts >= _WHOLE_INDEX_S
        for patient in world.patients:
            if whole or patient.relation != "none":
                care.tell_patient(s, world.start_ts + d.between(0, length), patient)
        for patient in world.patients:
            died = world.care.died.get(patient.id)
            if died is not None and world.start_ts < died:
                care.tell_patient(s, died + d.between(0.5, 6) * HOUR_S, patient)


class Context(OfStays):
    """Arrivals, moves, orders and departures. What is past or present when the feed begins is told in the snapshot."""

    tail_s = 14 * DAY_S

    def tell(self, s: Scene, stay: Stay) -> None:
        d, world = s.draws, s.world
        ts = stay.start_ts + d.lognormal(_REGISTERED_S.get(stay.kind, _TOLD_AT_ONCE_S), 0.8)
        if ts < world.start_ts:
            if stay.end_ts < world.start_ts and world.end_ts - world.start_ts < _WHOLE_INDEX_S:
                return
            ts = world.start_ts + d.between(0, snapshot_s(world))
        care.tell_patient(s, ts, stay.patient)
        known = "finished" if stay.end_ts <= ts else "in-progress"
        care.tell_stay(s, ts + 0.1, stay, known)
        care.tell_team(s, ts + (d.lognormal(900, 1.0) if stay.start_ts > world.start_ts else 0.2), stay)
        for order in stay.orders:
            care.tell_order(s, max(order.told_ts, ts + 0.3), stay, order)
        if stay.move is not None and stay.move[0] > ts:
            care.tell_stay(s, stay.move[0] + d.lognormal(300, 0.8), stay, "in-progress")
        if stay.end_ts > ts:
            care.tell_stay(s, stay.end_ts, stay, "finished")


class Bookings(OfStays):
    """Appointments, days or weeks before the visit; those made before the feed begins are told in the snapshot."""

    lead_s = 20 * DAY_S

    def tell(self, s: Scene, stay: Stay) -> None:
        if stay.booked_ts is not None and stay.start_ts > s.world.start_ts:
            earliest = s.world.start_ts + s.draws.between(0, snapshot_s(s.world))
            care.tell_appointment(s, max(stay.booked_ts, min(earliest, stay.start_ts)), stay)
