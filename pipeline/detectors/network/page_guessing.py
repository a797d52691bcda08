"""Pages of a web server of the house are looked for by a list of names, as a sensor on the wire sees it."""

from collections.abc import Sequence

from typing_extensions import override

from pipeline.detectors.detector import Example
from pipeline.detectors.logs.page_guessing import PageGuessing, guessed_pages
from pipeline.detectors.network.sides import AskedOnWire


class NetworkPageGuessing(AskedOnWire, PageGuessing):
    """`logs.page_guessing` on requests seen in the clear (Zeek http, Suricata), to addresses inside."""

    id = "network.page_guessing"
    title = "Names of pages guessed from a list, seen on the wire"
    entity = ("src_ip", "dst_ip")
    inputs = ("uri", "method", "status", "src_ip", "dst_ip")
    misses = (
        "Requests inside TLS; servers at public addresses; what logs.page_guessing misses. Where the server's own log "
        "is read as well, that tells the same list."
    )

    @override
    @classmethod
    def examples(cls) -> Sequence[Example]:
        return guessed_pages({"kind": "http", "dst_ip": "10.0.1.5", "dst_port": 80, "host": "portal"})
