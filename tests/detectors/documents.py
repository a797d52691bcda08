"""Streams of events of any source, drawn from the schemas: entities that come again, and hostile values."""

import random
from functools import lru_cache
from itertools import pairwise
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import orjson
from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pipeline.features.batch import Batch
from pipeline.features.decode import decode
from schemas.base import MAX_TS, Event
from schemas.sources import SOURCES

GROUPS = 8
START = 1_700_000_000.0
IPS = (
    "10.0.0.9",
    "10.0.0.20",
    "192.168.7.3",
    "203.0.113.7",
    "198.51.100.4",
    "224.0.0.251",
    "fe80::1",
    "2001:db8::5",
)
POOLS: dict[str, tuple[str, ...]] = {
    "service": ("http", "ssl", "ssh", "dns", "kerberos", "smb"),
    "proto": ("tcp", "udp", "icmp"),
    "conn_state": ("SF", "S0", "REJ", "RSTO"),
    "action": ("logon", "invalid_user", "authentication", "start", "read", "export", "log_cleared"),
    "message": ("link up eth0", "link up eth1", "rotated log 17", "failed to open volume", "a {} b %s"),
    "command_line": ("powershell -enc AAAA", "ls -l", "vssadmin delete shadows", "certutil -verify a.cer"),
    "error": ("KDC_ERR_PREAUTH_FAILED", "KDC_ERR_PREAUTH_REQUIRED"),
    "signature": ("Known bad server", "Odd packet"),
    "procedure": ("99213", "80053", "27447"),
}
ODD = (
    "",
    "x" * 1000,
    "Жук 病院 ⚕️",
    "\u202e\u2028",
    "-",
    "%s%n{}{0}",
    ":::::",
    "1.2.3.4.5",
    "' OR 1=1 --",
    "\x00\x01",
)
NUMBERS = (0, 1, 2, 8, 22, 53, 80, 443, 445, 3389, 60, 900, 4e3, 1e6, 2.0**40)
HUGE = (0, 1, 2**53 - 1, 1e9, 1e12, -1e12, 5e-324, 65_535, 255, 7)


def document(source: str, seed: int, ts: float, *, hostile: bool = False, entity: str = "") -> dict[str, Any]:
    """One valid event; `entity` makes its texts belong to nobody else."""
    draw = random.Random(seed)
    model = draw.choice(SOURCES[source].models)
    fields = {
        name: _value(name, info.annotation, list(info.metadata), draw, hostile, entity)
        for name, info in model.model_fields.items()
        if name in ("kind", "signature") or draw.random() < 0.85
    }
    if hostile:
        ts = draw.choice((0.0, 1.0, ts, ts, ts, MAX_TS))
    return fields | {"ts": ts, "event_id": f"e{seed}", "format": "test"}


def stream(source: str, seed: int, n: int, *, hostile: bool = False, entities: bool = False) -> list[bytes]:
    """n events as JSON, mostly in order of time; with `entities` each is of an entity of its own."""
    draw = random.Random(seed)
    pace, ts, out = draw.choice((0.2, 5.0, 300.0)), START, []
    for i in range(n):
        ts += draw.expovariate(1.0 / pace)
        late = ts - 60.0 * draw.random() if draw.random() < 0.05 else ts
        name = f"n{i}" if entities else ""
        out.append(orjson.dumps(document(source, seed * 1_000_003 + i, round(late, 6), hostile=hostile, entity=name)))
    return out


@lru_cache(maxsize=64)
def batch(source: str, seed: int, n: int, *, hostile: bool = False, entities: bool = False) -> Batch:
    """The stream decoded; every document must be accepted."""
    decoded = decode(source, stream(source, seed, n, hostile=hostile, entities=entities), GROUPS)
    assert not decoded.refused, decoded.refused[:3]
    return decoded.batch


def pieces(whole: Batch, cuts: list[int]) -> list[Batch]:
    """The same events, decoded in pieces."""
    documents = [whole.document(i) for i in range(whole.n)]
    ends = sorted({min(c, whole.n) for c in cuts} | {0, whole.n})
    return [decode(whole.source, documents[a:b], GROUPS).batch for a, b in pairwise(ends)]


def _value(name: str, annotation: Any, metadata: list[Any], draw: random.Random, hostile: bool, entity: str) -> Any:
    while True:
        origin = get_origin(annotation)
        if origin in (Union, UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        elif hasattr(annotation, "__metadata__"):
            for extra in annotation.__metadata__:
                metadata.extend(extra.metadata if isinstance(extra, FieldInfo) else [extra])
            annotation = annotation.__origin__
        else:
            break
    if origin is Literal:
        return draw.choice(get_args(annotation))
    if origin is list:
        inner = get_args(annotation)[0]
        return [_value(name, inner, [], draw, hostile, entity) for _ in range(draw.randrange(4))]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and not issubclass(annotation, Event):
        return {
            f: _value(f, i.annotation, list(i.metadata), draw, hostile, entity)
            for f, i in annotation.model_fields.items()
        }
    if annotation is str:
        return _text(name, draw, hostile, entity)
    return draw.random() < 0.5 if annotation is bool else _number(name, annotation, metadata, draw, hostile)


def _text(name: str, draw: random.Random, hostile: bool, entity: str) -> str:
    if entity:
        return f"{name} {entity}"
    if hostile and draw.random() < 0.7:
        return draw.choice(ODD)
    if name.endswith("ip"):
        return draw.choice(IPS)
    return draw.choice(POOLS.get(name, tuple(f"{name}{k}" for k in range(4))))


def _number(name: str, kind: type, metadata: list[Any], draw: random.Random, hostile: bool) -> float:
    value: float = draw.choice(HUGE if hostile else NUMBERS)
    if name.endswith("_ts"):
        value = START + 86_400.0 * draw.randrange(30)
    for m in metadata:
        if isinstance(m, Ge | Gt):
            value = max(value, m.ge if isinstance(m, Ge) else m.gt)
        elif isinstance(m, Le | Lt):
            value = min(value, m.le if isinstance(m, Le) else m.lt - 1)
    return int(value) if kind is int else float(value)
