"""An interface engine of HL7 version 2 over MLLP: takes messages, acknowledges each. `mllp.py PORT`."""

import socketserver
import sys

_BEGIN, _END = b"\x0b", b"\x1c\r"


class _Feed(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        gathered = b""
        while words := self.request.recv(65536):
            gathered += words
            while _END in gathered:
                message, gathered = gathered.split(_END, 1)
                head = message.lstrip(_BEGIN).split(b"\r")[0].split(b"|")
                back = [
                    b"MSH",
                    *head[1:2],
                    head[4],
                    head[5],
                    head[2],
                    head[3],
                    head[6],
                    b"",
                    b"ACK",
                    head[9],
                    b"P",
                    b"2.5",
                ]
                self.request.sendall(_BEGIN + b"|".join(back) + b"\rMSA|AA|" + head[9] + b"\r" + _END)


class _Engine(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    _Engine(("", int(sys.argv[1])), _Feed).serve_forever()
