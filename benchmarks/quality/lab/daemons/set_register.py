"""Sets one register over Modbus: `set_register.py ADDRESS PORT REGISTER VALUE`."""

import socket
import struct
import sys

address, port, register, value = sys.argv[1], *(int(word) for word in sys.argv[2:5])
with socket.create_connection((address, port), timeout=5) as link:
    link.sendall(struct.pack(">HHHBBHH", 1, 0, 6, 1, 6, register, value))
    link.recv(64)
