"""Machines that speak with machines: Modbus and MQTT, told by what is done for the first time in a connection."""

import re
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.packet import Row

MODBUS = re.compile(rb"..\x00\x00\x00[\x02-\xfd].[\x01-\x2b\x81-\xab]", re.DOTALL)
MQTT = re.compile(rb"\x10[\x0a-\xff].{0,3}?\x00(?:\x04MQTT[\x04\x05]|\x06MQIsdp\x03)", re.DOTALL)
_FUNCTIONS = {
    1: "READ_COILS", 2: "READ_DISCRETE_INPUTS", 3: "READ_HOLDING_REGISTERS", 4: "READ_INPUT_REGISTERS",
    5: "WRITE_SINGLE_COIL", 6: "WRITE_SINGLE_REGISTER", 7: "READ_EXCEPTION_STATUS", 8: "DIAGNOSTICS",
    15: "WRITE_MULTIPLE_COILS", 16: "WRITE_MULTIPLE_REGISTERS", 17: "REPORT_SLAVE_ID", 20: "READ_FILE_RECORD",
    21: "WRITE_FILE_RECORD", 22: "MASK_WRITE_REGISTER", 23: "READ_WRITE_MULTIPLE_REGISTERS", 24: "READ_FIFO_QUEUE",
    43: "ENCAP_INTERFACE_TRANSPORT",
}  # fmt: skip
"""Zeek's names."""
_PROTOCOL = b"\0\0\0"
"""Of a head: Modbus' own number, and the high byte of a length that is never beyond 255."""
_FAILED, _MOST_TOLD = 0x80, 256


class Modbus:
    """Of one connection: a row of Zeek's modbus.log for each function of each unit, the first time it is asked for or
    refused. A controller is asked the same ten times a second for years."""

    service = "modbus"

    def __init__(self) -> None:
        self._rest: dict[bool, bytes] = {True: b"", False: b""}
        self._seen: set[tuple[int, int]] = set()

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """What is asked for, or refused, for the first time."""
        rest, at = self._rest[mine] + payload, 0
        while len(rest) - at >= 8 and rest[at + 2 : at + 5] == _PROTOCOL and len(rest) - at >= 6 + rest[at + 5]:
            size, unit, function = rest[at + 5 : at + 8]
            new = (unit, function) not in self._seen and len(self._seen) < _MOST_TOLD
            if new and (mine or function & _FAILED) and size >= 2:
                self._seen.add((unit, function))
                name = _FUNCTIONS.get(function & 0x7F, f"unknown-{function & 0x7F}")
                row: dict[str, Any] = {"ts": ts, "unit": unit, "func": name}
                yield "modbus", row | ({"exception": rest[at + 8]} if function & _FAILED and size > 2 else {})
            at += 6 + size
        rest = rest[at:]
        self._rest[mine] = rest if len(rest) < 8 or rest[2:5] == _PROTOCOL else b""

    def miss(self, size: int, *, mine: bool) -> None:
        """Begin with the next piece."""
        self._rest[mine] = b""

    def end(self) -> Iterator[Row]:
        """Nothing waits."""
        return iter(())


class Mqtt:
    """Of one connection: who connects, and whether he may, as a row of Zeek's mqtt_connect.log. No topics, no
    messages, no names and passwords of users."""

    service = "mqtt"

    def __init__(self) -> None:
        self._row: dict[str, Any] = {}
        self._told = False

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """The row, with the answer."""
        if mine and not self._row and (found := MQTT.match(payload)):
            at = found.end() + 3  # flags, and how long it stays without a word
            if payload[found.end() - 1] == 5:
                at += 1 + payload[at] if at < len(payload) and payload[at] < 0x80 else len(payload)
            size = int.from_bytes(payload[at : at + 2], "big")
            client = payload[at + 2 : at + 2 + min(size, 64)].decode("utf-8", "replace")
            versions = {3: "3.1", 4: "3.1.1", 5: "5.0"}
            self._row = {"ts": ts, "proto_version": versions[payload[found.end() - 1]], "client_id": client or None}
        elif not mine and self._row and not self._told and payload[:1] == b"\x20" and len(payload) >= 4:
            self._told = True
            status = "Connection Accepted" if not payload[3] else f"refused, code {payload[3]}"
            yield "mqtt_connect", self._row | {"connect_status": status}

    def miss(self, size: int, *, mine: bool) -> None:
        """Nothing that waits."""

    def end(self) -> Iterator[Row]:
        """Who was not answered."""
        if self._row and not self._told:
            yield "mqtt_connect", self._row
