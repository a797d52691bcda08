"""What Windows machines say to each other, byte by byte, for tests of what is read from packets."""

import struct
from uuid import UUID

SVCCTL = UUID("367abb81-9844-35f1-ad32-98f038001003")
NDR = UUID("8a885d04-1ceb-11c9-9fe8-08002b104860")
PENDING, MORE, REFUSED = 0x103, 0xC0000016, 0xC000006D


def nbss(message: bytes) -> bytes:
    """With its length in front."""
    return struct.pack(">I", len(message)) + message


def smb2(
    command: int, body: bytes, message: int, *, answer: bool = False, status: int = 0, tree: int = 5, session: int = 9,
    flags: int = 0, following: int = 0,
) -> bytes:  # fmt: skip
    """One command of SMB 2 or its answer."""
    head = struct.pack(
        "<4sHHIHHIIQIIQ16x", b"\xfeSMB", 64, 0, status, command, 1, answer | flags, following, message, 0, tree, session
    )
    return head + body


def joined(*commands: bytes) -> bytes:
    """Several commands as one message."""
    out = b""
    for k, command in enumerate(commands):
        padded = command + b"\0" * (-len(command) % 8)
        out += padded[:20] + struct.pack("<I", 0 if k == len(commands) - 1 else len(padded)) + padded[24:]
    return out


def session_setup(token: bytes) -> bytes:
    """The body of a request."""
    return struct.pack("<HBBIIHHQ", 25, 0, 0, 0, 0, 88, len(token), 0) + token


def session_answer(token: bytes = b"") -> bytes:
    """The body of an answer."""
    return struct.pack("<HHHH", 9, 0, 72, len(token)) + token


def tree_connect(path: str) -> bytes:
    """The body of a request."""
    name = path.encode("utf-16-le")
    return struct.pack("<HHHH", 9, 0, 72, len(name)) + name


def tree_answer(kind: int) -> bytes:
    """The body of an answer; kind: 1 files, 2 pipes."""
    return struct.pack("<HBBIII", 16, kind, 0, 0, 0, 0)


def create(name: str, options: int = 0) -> bytes:
    """The body of a request to open a file."""
    text = name.encode("utf-16-le")
    return struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0, 0, 7, 1, options, 120, len(text), 0, 0) + text


def create_answer(file: bytes, size: int = 0) -> bytes:
    """The body of an answer."""
    return struct.pack("<HBBI32xQQII16sII", 89, 0, 0, 1, 0, size, 0, 0, file, 0, 0)


def write(file: bytes, data: bytes) -> bytes:
    """The body of a request."""
    return struct.pack("<HHIQ16sIIHHI", 49, 112, len(data), 0, file, 0, 0, 0, 0, 0) + data


def read(file: bytes) -> bytes:
    """The body of a request."""
    return struct.pack("<HBBIQ16sIIIHH", 49, 0, 0, 4096, 0, file, 0, 0, 0, 0, 0) + b"\0"


def read_answer(data: bytes) -> bytes:
    """The body of an answer."""
    return struct.pack("<HBBIII", 17, 80, 0, len(data), 0, 0) + data


def transceive(file: bytes, data: bytes) -> bytes:
    """The body of a request that writes to a pipe and reads from it."""
    return struct.pack("<HHI16sIIIIIIII", 57, 0, 0x11C017, file, 120, len(data), 0, 0, 0, 4096, 1, 0) + data


def transceive_answer(file: bytes, data: bytes) -> bytes:
    """The body of an answer."""
    return struct.pack("<HHI16sIIIIII", 49, 0, 0x11C017, file, 0, 0, 112, len(data), 0, 0) + data


def set_info(file: bytes, kind: int, data: bytes) -> bytes:
    """The body of a request."""
    return struct.pack("<HBBIHHI16s", 33, 1, kind, len(data), 96, 0, 0, file) + data


def renaming(name: str) -> bytes:
    """What SET_INFO carries then."""
    text = name.encode("utf-16-le")
    return struct.pack("<B7xQI", 1, 0, len(text)) + text


def close(file: bytes) -> bytes:
    """The body of a request."""
    return struct.pack("<HHI16s", 24, 0, 0, file)


def negotiate_token() -> bytes:
    """NTLM's first word."""
    return b"NTLMSSP\0" + struct.pack("<II", 1, 0xE2088297)


def challenge_token(name: str = "WARD-SRV", dns: str = "ward-srv.hospital.example") -> bytes:
    """NTLM's question."""
    pairs = b"".join(
        struct.pack("<HH", kind, 2 * len(text)) + text.encode("utf-16-le") for kind, text in ((1, name), (3, dns))
    ) + b"\0\0\0\0"  # fmt: skip
    fields = struct.pack("<HHII8s8xHHI", 0, 0, 48, 1, b"12345678", len(pairs), len(pairs), 48)
    return b"NTLMSSP\0" + struct.pack("<I", 2) + fields + pairs


def answer_token(user: str, domain: str = "HOSPITAL", host: str = "WARD-PC7") -> bytes:
    """NTLM's answer."""
    texts = [text.encode("utf-16-le") for text in (domain, user, host)]
    fields, at = struct.pack("<HHIHHI", 0, 0, 64, 0, 0, 64), 64
    for text in texts:
        fields += struct.pack("<HHI", len(text), len(text), at)
        at += len(text)
    return b"NTLMSSP\0" + struct.pack("<I", 3) + fields + struct.pack("<HHII", 0, 0, at, 1) + b"".join(texts)


def rpc(kind: int, body: bytes, call: int = 1, token: bytes = b"") -> bytes:
    """A fragment of a remote procedure call."""
    trailer = b"\x0a\x02\0\0\0\0\0\0" + token if token else b""
    size = 16 + len(body) + len(trailer)
    return struct.pack("<BBBB4sHHI", 5, 0, kind, 3, b"\x10\0\0\0", size, len(token), call) + body + trailer


def bind(interface: UUID = SVCCTL, token: bytes = b"") -> bytes:
    """Asks for an interface."""
    context = struct.pack("<HBB16sI16sI", 0, 1, 0, interface.bytes_le, 2, NDR.bytes_le, 2)
    return rpc(11, struct.pack("<HHIB3x", 4280, 4280, 0, 1) + context, token=token)


def bind_answer(address: str = "\\PIPE\\svcctl", token: bytes = b"") -> bytes:
    """The server takes it."""
    text = address.encode() + b"\0"
    body = struct.pack("<HHIH", 4280, 4280, 1, len(text)) + text
    return rpc(12, body + b"\0" * (-len(body) % 4) + b"\1\0\0\0" + bytes(24), token=token)


def request(number: int, call: int = 2) -> bytes:
    """Calls an operation."""
    return rpc(0, struct.pack("<IHH", 8, 0, number) + b"stubstub", call)


def response(call: int = 2) -> bytes:
    """Its answer."""
    return rpc(2, struct.pack("<IHBB", 8, 0, 0, 0) + b"stubstub", call)


def fault(call: int = 2, status: int = 5) -> bytes:
    """It is refused."""
    return rpc(3, struct.pack("<IHBBI4x", 0, 0, 0, 0, status), call)
