"""A controller that speaks Modbus over TCP: 100 registers that can be read and set. `registers.py PORT`."""

import socketserver
import struct
import sys

_REGISTERS = [20 + n % 7 for n in range(100)]
_READ, _SET_ONE, _SET_MANY = (1, 2, 3, 4), (5, 6), (15, 16)


def answer(words: bytes) -> bytes:
    """The function's answer; an unknown one is refused with exception 1."""
    function = words[0]
    first, value = struct.unpack_from(">HH", words, 1) if len(words) >= 5 else (0, 0)
    if function in (3, 4):
        held = [_REGISTERS[(first + n) % 100] for n in range(min(value, 100))]
        return bytes([function, 2 * len(held)]) + struct.pack(f">{len(held)}H", *held)
    if function in _READ:
        return bytes([function, (value + 7) // 8]) + bytes((value + 7) // 8)
    if function in _SET_ONE:
        _REGISTERS[first % 100] = value
    return words[:5] if function in (*_SET_ONE, *_SET_MANY) else bytes([function | 0x80, 1])


class _Link(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while len(head := self.rfile.read(7)) == 7:
            number, _, length, unit = struct.unpack(">HHHB", head)
            back = answer(self.rfile.read(length - 1))
            self.wfile.write(struct.pack(">HHHB", number, 0, len(back) + 1, unit) + back)


class _Controller(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    _Controller(("", int(sys.argv[1])), _Link).serve_forever()
