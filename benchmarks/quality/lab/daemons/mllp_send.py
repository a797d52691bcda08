"""Sends HL7 messages over MLLP, one connection: `mllp_send.py ADDRESS PORT SENDER KIND COUNT`, KIND as ADT^A08."""

import socket
import sys
from datetime import UTC, datetime

_PATIENTS = 120


def message(sender: str, kind: str, number: int) -> bytes:
    """One message about an invented patient."""
    now = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    head = f"MSH|^~\\&|{sender}|LAB|ENGINE|LAB|{now}||{kind}|{now}{number:05d}|P|2.5"
    patient = f"PID|1||LAB{number % _PATIENTS + 1:05d}^^^LAB||Test^Person{number % _PATIENTS + 1:03d}||19600101|F"
    body = "OBX|1|NM|2345-7^Glucose||5.1|mmol/L" if kind.startswith("ORU") else "PV1|1|I|WARD^1^1"
    return b"\x0b" + "\r".join((head, patient, body)).encode() + b"\r\x1c\r"


def main(address: str, port: int, sender: str, kind: str, count: int) -> None:
    """Each message waits for the last one's acknowledgement."""
    with socket.create_connection((address, port), timeout=5) as link:
        for number in range(count):
            link.sendall(message(sender, kind, number))
            link.recv(4096)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5]))
