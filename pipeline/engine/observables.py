"""Which event fields name an entity or address, so that an alert lists everyone and everything involved."""

from functools import cache

from pipeline.features.batch import Batch
from pipeline.features.layout import layout

# Event field → wardwatch's word for what it names; the first field wins where a value comes twice.
FIELDS = {
    "src_ip": "ip",
    "dst_ip": "ip",
    "src_mac": "mac",
    "dst_mac": "mac",
    "host": "host",
    "hostname": "host",
    "src_host": "host",
    "user": "user",
    "target_user": "user",
    "patient": "patient",
    "provider": "provider",
    "rendering": "provider",
    "workstation": "host",
    "query": "domain",
    "sni": "domain",
    "dst_port": "port",
    "filename": "file",
    "image": "process",
    "claim_id": "claim",
    "mac": "mac",
    "ip": "ip",
    "assigned_ip": "ip",
}
MAX_VALUE = 256


def involved(batch: Batch, row: int) -> dict[tuple[str, str], str]:
    """Every entity and address of one event: (type, value) → the field it came from. Not to be written to."""
    memo: dict[int, dict[tuple[str, str], str]] = batch.shared("involved", lambda _: {})
    found = memo.get(row)
    if found is None:
        found = memo[row] = _involved(batch, row)
    return found


def _involved(batch: Batch, row: int) -> dict[tuple[str, str], str]:
    fields = _fields(batch.source)
    found: dict[tuple[str, str], str] = {}
    for (name, kind), text in zip(fields.items(), batch.texts(tuple(fields), row), strict=True):
        if name == "dst_port":
            number = batch.value(name, row)
            value = None if number is None else str(int(number))
        else:
            value = text
        if value:
            found.setdefault((kind, value[:MAX_VALUE]), name)
    return found


@cache
def _fields(source: str) -> dict[str, str]:
    known = layout(source).index
    kinds = FIELDS | ({"host": "domain"} if source in ("network", "contacts") else {})
    return {name: kind for name, kind in kinds.items() if name in known}
