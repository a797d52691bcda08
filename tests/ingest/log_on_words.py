"""What clients and servers say when somebody logs on, for tests."""

import base64
import struct

LET_IN, REFUSED = True, False


def b64(said: bytes) -> bytes:
    """As it stands in a line."""
    return base64.b64encode(said) + b"\r\n"


def mysql(number: int, body: bytes) -> bytes:
    """A message of MySQL."""
    return struct.pack("<I", len(body))[:3] + bytes((number,)) + body


def mysql_login(name: bytes, *, can: int = 0x0200) -> bytes:
    """A client's answer to the greeting."""
    head = struct.pack("<IIB23x", can, 1 << 24, 33) if can & 0x0200 else struct.pack("<HHx", can, 9)
    return mysql(1, head + name + b"\0\x14" + b"s" * 20)


def startup(name: bytes) -> bytes:
    """The first words of a client of PostgreSQL."""
    body = b"\0\3\0\0user\0" + name + b"\0database\0ward\0application_name\0psql\0\0"
    return struct.pack(">I", len(body) + 4) + body


def postgres(kind: bytes, body: bytes) -> bytes:
    """A message of its server."""
    return kind + struct.pack(">I", len(body) + 4) + body


def bson(name: bytes, **values: bytes) -> bytes:
    """A message of MongoDB that begins a log-on."""
    said = values["said"]
    mechanism = values["mechanism"] + b"\0"
    body = b"\x10saslStart\0\1\0\0\0\x02mechanism\0" + struct.pack("<I", len(mechanism)) + mechanism
    body += b"\x05payload\0" + struct.pack("<I", len(said)) + b"\0" + said + name
    return op_msg(body)


def op_msg(body: bytes) -> bytes:
    """A message of MongoDB."""
    document = struct.pack("<I", len(body) + 5) + body + b"\0"
    return struct.pack("<IIII", len(document) + 21, 1, 0, 2013) + b"\0\0\0\0\0" + document


def tds(kind: int, body: bytes) -> bytes:
    """A packet of TDS."""
    return struct.pack(">BBHHBB", kind, 1, len(body) + 8, 0, 1, 0) + body


def tds_login(client: str, name: str, more: bytes = b"") -> bytes:
    """LOGIN7."""
    texts = [client, name, "pwd?", "sqlcmd", "db1"]
    places, at, said = b"", 94, b""
    for text in texts:
        places += struct.pack("<HH", at + len(said), len(text))
        said += text.encode("utf-16-le")
    return tds(0x10, (b"\0" * 36 + places).ljust(at, b"\0") + said + more)


def tds_error(number: int, text: str) -> bytes:
    """A refusal."""
    said = text.encode("utf-16-le")
    body = struct.pack("<IBBH", number, 1, 14, len(text)) + said + b"\0\0\1\0\0\0"
    return tds(4, b"\xaa" + struct.pack("<H", len(body)) + body + b"\xfd" + b"\0" * 12)


def ber(tag: int, *parts: bytes) -> bytes:
    """A value of BER."""
    body = b"".join(parts)
    size = bytes((len(body),)) if len(body) < 128 else b"\x82" + struct.pack(">H", len(body))
    return bytes((tag,)) + size + body


def ldap(number: int, tag: int, *parts: bytes) -> bytes:
    """A message of LDAP."""
    return ber(0x30, ber(2, bytes((number,))), ber(tag, *parts))


def ldap_result(number: int, tag: int, code: int, text: bytes = b"") -> bytes:
    """The answer to one."""
    return ldap(number, tag, ber(10, bytes((code,))), ber(4), ber(4, text))


def search(number: int, base: bytes, asked: bytes, *names: bytes) -> bytes:
    """A search in the whole tree."""
    limits = ber(2, b"\0") * 2 + ber(1, b"\0")
    wanted = ber(0x30, *(ber(4, name) for name in names))
    return ldap(number, 0x63, ber(4, base), ber(10, b"\2"), ber(10, b"\0"), limits, asked, wanted)


def radius(code: int, number: int, *attributes: tuple[int, bytes]) -> bytes:
    """A datagram of RADIUS."""
    body = b"".join(bytes((kind, len(value) + 2)) + value for kind, value in attributes)
    return struct.pack(">BBH", code, number, 20 + len(body)) + b"a" * 16 + body
