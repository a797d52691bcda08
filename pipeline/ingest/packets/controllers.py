"""Controllers of buildings and plants: S7, DNP3, EtherNet/IP and BACnet, told by what is done for the first time in a
conversation, as rows of Zeek's and ICSNPP's logs. Values are not looked at."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipeline.ingest.packets.framing import Framing
from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.software import shown

_MOST, _MOST_TOLD = 1_024, 64
_S7 = {
    0x04: "Read Variable", 0x05: "Write Variable", 0x1A: "Request Download", 0x1B: "Download Block",
    0x1C: "Download Ended", 0x1D: "Start Upload", 0x1E: "Upload", 0x1F: "End Upload", 0x28: "PLC Control",
    0x29: "PLC Stop", 0xF0: "Setup Communication",
}  # fmt: skip
_DNP3 = (
    "CONFIRM", "READ", "WRITE", "SELECT", "OPERATE", "DIRECT_OPERATE", "DIRECT_OPERATE_NR", "IMMED_FREEZE",
    "IMMED_FREEZE_NR", "FREEZE_CLEAR", "FREEZE_CLEAR_NR", "FREEZE_AT_TIME", "FREEZE_AT_TIME_NR", "COLD_RESTART",
    "WARM_RESTART", "INITIALIZE_DATA", "INITIALIZE_APPLICATION", "START_APPLICATION", "STOP_APPLICATION",
    "SAVE_CONFIGURATION", "ENABLE_UNSOLICITED", "DISABLE_UNSOLICITED", "ASSIGN_CLASS", "DELAY_MEASURE",
    "RECORD_CURRENT_TIME", "OPEN_FILE", "CLOSE_FILE", "DELETE_FILE", "GET_FILE_INFO", "AUTHENTICATE_FILE",
    "ABORT_FILE",
)  # fmt: skip
_CIP = {
    0x01: "Get Attributes All", 0x05: "Reset", 0x06: "Start", 0x07: "Stop", 0x08: "Create", 0x09: "Delete",
    0x0E: "Get Attribute Single", 0x10: "Set Attribute Single", 0x4B: "Execute PCCC", 0x4C: "Read Tag",
    0x4D: "Write Tag", 0x4E: "Forward Close", 0x52: "Unconnected Send", 0x53: "Write Tag Fragmented",
    0x54: "Forward Open", 0x5B: "Large Forward Open",
}  # fmt: skip
_CONFIRMED = {
    5: "subscribe_cov", 6: "atomic_read_file", 7: "atomic_write_file", 8: "add_list_element", 9: "remove_list_element",
    10: "create_object", 11: "delete_object", 12: "read_property", 14: "read_property_multiple", 15: "write_property",
    16: "write_property_multiple", 17: "device_communication_control", 18: "confirmed_private_transfer",
    20: "reinitialize_device", 26: "read_range", 28: "subscribe_cov_property",
}  # fmt: skip
_UNCONFIRMED = {
    0: "i_am", 1: "i_have", 2: "unconfirmed_cov_notification", 3: "unconfirmed_event_notification",
    4: "unconfirmed_private_transfer", 6: "time_synchronization", 7: "who_has", 8: "who_is",
    9: "utc_time_synchronization", 10: "write_group",
}  # fmt: skip
_IDENTITY, _UNCONNECTED, _CONNECTED = 0x63, 0xB2, 0xB1


class Protocol(NamedTuple):
    """How one of them is taken apart."""

    service: str
    log: str
    column: str
    """Of the log, for what is done."""
    head: int
    size: Callable[[bytes, int], int]
    """As `Framing` wants it; `head` its bytes."""
    function: Callable[[bytes], str | None]
    """What a whole message asks for; None: nothing."""
    product: Callable[[bytes], str | None] = lambda _: None
    """What a controller's answer says that it is."""


class Controllers:
    """Of one conversation: each function when it is first asked for, up to 64; what a controller says it is."""

    def __init__(self, protocol: Protocol, *, stream: bool) -> None:
        self.service = protocol.service
        self._protocol = protocol
        made = {mine: Framing(protocol.head, protocol.size, _MOST) for mine in (True, False)}
        self._frames = made if stream else None
        self._seen: set[str] = set()

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """What is asked for now for the first time."""
        protocol = self._protocol
        for message in self._frames[mine].feed(payload) if self._frames else (payload,):
            try:
                if mine:
                    name = protocol.function(message)
                    if name and name not in self._seen and len(self._seen) < _MOST_TOLD:
                        self._seen.add(name)
                        yield protocol.log, {"ts": ts, protocol.column: name}
                elif (product := protocol.product(message)) and (
                    row := shown(ts, product, protocol.service.upper(), by_server=True)
                ):
                    yield row
            except IndexError:
                continue  # cut short

    def miss(self, size: int, *, mine: bool) -> None:
        """Go on at the next message."""
        if self._frames:
            self._frames[mine].miss(size)

    def end(self) -> Iterator[Row]:
        """Nothing waits."""
        return iter(())


def _s7(said: bytes) -> str | None:
    """TPKT, COTP with data, and a job (S7comm) in it."""
    begin = 5 + said[4]
    if said[5] != 0xF0 or said[begin] != 0x32 or said[begin + 1] not in (1, 7):
        return None
    if said[begin + 1] == 7:
        return f"User Data {said[begin + 15] & 15}.{said[begin + 16]}"
    return _S7.get(said[begin + 10], f"unknown-{said[begin + 10]}")


def _dnp3(said: bytes) -> str | None:
    """The first frame of a request: link, transport, application."""
    if said[2] < 8 or not said[10] & 0x40:
        return None
    code = said[12]
    return _DNP3[code] if code < len(_DNP3) else None


def _enip(said: bytes) -> str | None:
    """What a common packet asks of the controller."""
    if said[0] not in (0x6F, 0x70):
        return {0x63: "List Identity", 0x64: "List Interfaces", 0x65: "Register Session"}.get(said[0])
    at = 32
    for _ in range(min(int.from_bytes(said[30:32], "little"), 4)):
        kind, size = said[at], int.from_bytes(said[at + 2 : at + 4], "little")
        begin = at + 4 + (2 if kind == _CONNECTED else 0)
        if kind in (_UNCONNECTED, _CONNECTED) and not said[begin] & 0x80:
            return _CIP.get(said[begin], f"unknown-{said[begin]}")
        at += 4 + size
    return None


def _bacnet(said: bytes) -> str | None:
    """BVLC, NPDU, APDU; one that a router sends on has its origin in front."""
    at = 10 if said[1] == 0x04 else 4
    control, at = said[at + 1], at + 2
    if control & 0x80:
        return None  # of the network itself
    hops = control & 0x20
    for there in (hops, control & 0x08):
        at += 3 + said[at + 2] if there else 0
    at += 1 if hops else 0
    kind = said[at] >> 4
    if kind == 1:
        return _UNCONFIRMED.get(said[at + 1], f"unknown_{said[at + 1]}")
    code = said[at + (5 if said[at] & 8 else 3)]
    return _CONFIRMED.get(code, f"unknown_{code}") if kind == 0 else None


def _product(said: bytes) -> str | None:
    """Name and revision that a controller lists (EtherNet/IP)."""
    if said[0] != _IDENTITY or len(said) <= 62:
        return None
    return f"{said[63 : 63 + said[62]].decode('latin-1')}/{said[54]}.{said[55]}"


def _of_tpkt(data: bytes, at: int) -> int:
    return int.from_bytes(data[at + 2 : at + 4], "big") if data[at] == 3 else 0


def _of_dnp3(data: bytes, at: int) -> int:
    """With the sums behind every sixteen bytes."""
    more = data[at + 2] - 5
    return 10 + more + 2 * ((more + 15) // 16) if data[at : at + 2] == b"\x05\x64" and more >= 0 else 0


def _of_enip(data: bytes, at: int) -> int:
    return 24 + int.from_bytes(data[at + 2 : at + 4], "little") if data[at + 1] == 0 else 0


def _of_bacnet(data: bytes, at: int) -> int:
    return int.from_bytes(data[at + 2 : at + 4], "big")


S7 = Protocol("s7comm", "s7comm", "function_name", 4, _of_tpkt, _s7)
DNP3 = Protocol("dnp3_tcp", "dnp3", "fc_request", 3, _of_dnp3, _dnp3)
DNP3_UDP = DNP3._replace(service="dnp3_udp")
ENIP = Protocol("enip", "cip", "cip_service", 24, _of_enip, _enip, _product)
BACNET = Protocol("bacnet", "bacnet", "pdu_service", 4, _of_bacnet, _bacnet)
