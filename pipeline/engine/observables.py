"""Which event fields name an entity or address, so that an alert lists everyone and everything involved."""

from pipeline.features.batch import Batch
from schemas.finding import Observable

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


def observables(batch: Batch, row: int) -> list[Observable]:
    """Every entity and address of one event."""
    found: dict[tuple[str, str], Observable] = {}
    for name, kind in FIELDS.items():
        if not batch.has(name):
            continue
        if name == "dst_port":
            number = batch.value(name, row)
            value = None if number is None else str(int(number))
        else:
            value = batch.text(name, row)
        if name == "host" and batch.source == "network":
            kind = "domain"
        if value:
            found.setdefault((kind, value), Observable(name=name, type=kind, value=value[:MAX_VALUE]))
    return list(found.values())
