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
    fields, texts = _fields(batch.source)
    known = batch.known_texts(texts, row)
    port = batch.value("dst_port", row) if "dst_port" in fields else None
    if port is not None:
        known["dst_port"] = str(int(port))
    found: dict[tuple[str, str], str] = {}
    for name in fields if port is not None else known:  # in the order of FIELDS, whose first wins
        if name in known:
            found.setdefault((fields[name], known[name][:MAX_VALUE]), name)
    return found


@cache
def _fields(source: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Fields of a source with what they name, and those of them that are texts."""
    form = layout(source)
    kinds = FIELDS | ({"host": "domain"} if source in ("network", "contacts") else {})
    fields = {name: kind for name, kind in kinds.items() if name in form.index}
    slots = form.text_slots(tuple(fields)).tolist()
    return fields, tuple(name for name, slot in zip(fields, slots, strict=True) if slot >= 0)
