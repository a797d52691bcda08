"""Records of a web interface of the house are stepped through, as a sensor on the wire sees it."""

from collections.abc import Sequence

from typing_extensions import override

from pipeline.detectors.detector import Example
from pipeline.detectors.logs.id_walking import IdWalking, web_walks
from pipeline.detectors.network.sides import AskedOnWire


class NetworkIdWalking(AskedOnWire, IdWalking):
    """`logs.id_walking` on requests seen in the clear (Zeek http, Suricata), to addresses inside."""

    id = "network.id_walking"
    title = "Records of a web interface asked for one number after the other, seen on the wire"
    entity = ("src_ip", "dst_ip")
    inputs = ("uri", "status", "src_ip", "dst_ip")
    misses = (
        "Requests inside TLS; servers at public addresses; what logs.id_walking misses. Where the server's own log is "
        "read as well, that tells the same walk."
    )

    @override
    @classmethod
    def examples(cls) -> Sequence[Example]:
        return web_walks({"kind": "http", "dst_ip": "10.0.1.5", "dst_port": 80, "host": "ehr"})
