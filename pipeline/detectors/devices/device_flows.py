"""Which flows say where a device goes, seen the same way by every detector that keeps habits."""

from dataclasses import dataclass

import numpy as np

from pipeline.detectors.devices.habits import Habit
from pipeline.detectors.network.sides import ICMP
from pipeline.features.addresses import EXTERNAL, GROUP, INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.device_classes import CODES, NAMES, THINGS, UNKNOWN
from pipeline.features.hashing import combine_many
from pipeline.features.known_devices import device_ends
from pipeline.features.lists import Lists

_HOUSEKEEPING_PORT = np.zeros(65_536, np.bool_)
_HOUSEKEEPING_PORT[[53, 67, 68, 69, 123, 137, 138, 161, 162, 514, 546, 547, 1900, 3702, 5353, 5355]] = True
HOUSEKEEPING = ("dns", "ntp", "dhcp", "snmp", "syslog")
EPHEMERAL = 32_768  # a port from here on without a known service is a leftover of some other conversation
# A call is small datagrams, both ways, a frame of speech each: 10 to 40 ms (RFC 3551, 4.2; G.711 at 20 ms is 172 bytes
# fifty times a second). Telephones speak with each other so, on a new port each time.
CALL_RATES, CALL_BYTES = (20.0, 110.0), 320.0
SINGLE_PURPOSE = 8
"""Places of a kind up to which an unlisted machine of it counts as a device: gateway, server, archive, a spare each."""
WORKDAY_S = 86_400.0
"""Where neither class nor maker is known, as an exporter of flows tells neither, a kind is all of a network: at night
people's machines keep to few places, too, and one whole day has to show that they always do."""
THING = np.array([code in THINGS for code in range(len(NAMES))])
_PERSONAL = np.array([name in ("workstation", "server", "clinical_server", "pacs", "network") for name in NAMES])


@dataclass(frozen=True, slots=True)
class DeviceFlows:
    """The m rows of a batch that may be of a device, and where they go."""

    rows: np.ndarray
    kin: np.ndarray
    place: np.ndarray
    """Peer and port inside; the network outside."""
    outside: np.ndarray
    listed: np.ndarray
    """bool: class known and that of a device."""
    vague: np.ndarray
    """bool: neither class nor maker known, so that kin are all machines of the network."""

    def single_purpose(self, habit: Habit, routed: np.ndarray) -> np.ndarray:
        """bool[k]: rows of `habit` that are of a device: listed, or of a kind that keeps to few places, if it is its
        own maker's (`routed` bool[m])."""
        at = habit.at
        sure = ~self.vague[at] | (habit.watched_s >= WORKDAY_S)
        few = (habit.places <= SINGLE_PURPOSE) & sure & ~routed[at]
        found: np.ndarray = (self.listed[at] | few) & (habit.events > 0)
        return found


def device_flows(batch: Batch, lists: Lists) -> DeviceFlows:
    """Flows from inside, housekeeping (names, time, leases), calls, what goes to groups, and listed scanners and
    maintenance left out."""
    memo: dict[str, tuple[object, DeviceFlows]] = batch.shared("device_flows", lambda _: {})
    found = memo.get("flows")
    if found is None or found[0] is not lists:
        found = memo["flows"] = (lists, _device_flows(batch, lists))
    return found[1]


def _device_flows(batch: Batch, lists: Lists) -> DeviceFlows:
    src, dst = device_ends(batch, lists, "src"), device_ends(batch, lists, "dst")
    port, service = batch.number("dst_port"), batch.hash("service")
    wanted = batch.kind("flow") & (src.kin != 0) & (dst.kin != 0) & (port > 0) & ~_PERSONAL[src.codes]
    wanted &= ((src.where == INTERNAL) | src.listed) & (dst.where != GROUP)
    wanted &= ~((port >= EPHEMERAL) & (service == 0)) & ~batch.is_in("service", HOUSEKEEPING)
    wanted &= ~batch.is_in("proto", (*ICMP, "igmp")) & ~_calls(batch)
    for name in ("scanners", "maintenance"):
        if len(lists[name]):
            wanted &= ~lists[name].marks(batch.hash("src_ip"))
    rows = np.flatnonzero(wanted)
    rows = rows[~_HOUSEKEEPING_PORT[port[rows].astype(np.int64)]]
    outside = dst.where[rows] == EXTERNAL
    peer = combine_many(batch.hash("dst_ip")[rows], port[rows].astype(np.uint64))
    place = np.where(outside, dst.segment[rows], peer)
    listed = THING[src.codes[rows]]
    vague = (src.codes[rows] == UNKNOWN) & (src.maker[rows] < 0)
    return DeviceFlows(rows, src.kin[rows], place, outside, listed, vague)


def _calls(batch: Batch) -> np.ndarray:
    """bool[n]: datagrams in the rhythm of speech, both ways; where a sensor counts no packets, none."""
    found: np.ndarray = batch.equals("proto", "udp") & (batch.number("duration_s") >= 1.0)
    for way in ("out", "in"):
        packets = batch.number(f"packets_{way}")
        found = found & (packets >= CALL_RATES[0] * batch.number("duration_s"))
        found &= packets <= CALL_RATES[1] * batch.number("duration_s")
        found &= batch.number(f"bytes_{way}") <= CALL_BYTES * packets
    return found


def kind_of(code: int) -> str:
    """A class in a sentence: `an infusion pump`; `a device` where it is not known."""
    if code == UNKNOWN:
        return "a single-purpose machine"
    name = NAMES[code].replace("_", " ")
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}" if code != CODES["medical"] else "a medical device"
