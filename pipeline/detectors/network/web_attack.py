"""Somebody attacks a web server of the house, as a sensor on the wire sees it where the server writes no log for us."""

from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from pipeline.detectors.detector import Example
from pipeline.detectors.logs.web_attack import WebAttack
from pipeline.detectors.network.sides import AskedOnWire


class NetworkWebAttack(AskedOnWire, WebAttack):
    """The rules and the model of `logs.web_attack` on requests seen in the clear (Zeek http, Suricata).

    Only requests to addresses inside: what people ask of the internet may look like anything.
    """

    id = "network.web_attack"
    title = "Attack on a web server, seen on the wire"
    entity = ("src_ip", "dst_ip")
    inputs = ("uri", "referrer", "user_agent", "status", "src_ip", "dst_ip", "host")
    misses = (
        "Requests inside TLS; servers at public addresses; bodies of requests. Where the server's own log is read as "
        "well, logs.web_attack tells the same attack."
    )

    @override
    @classmethod
    def examples(cls) -> Sequence[Example]:
        http: dict[str, Any] = {
            "kind": "http", "ts": 1e6, "src_ip": "10.0.7.9", "dst_ip": "10.0.1.5", "dst_port": 80, "method": "GET",
            "host": "portal", "status": 200,
        }  # fmt: skip
        return (
            Example(
                "a database command", [http | {"uri": "/item?id=1%27%20UNION%20SELECT%20user%20FROM%20users--"}], True
            ),
            Example("a way out", [http | {"uri": "/get?file=..%2f..%2f..%2fetc%2fpasswd"}], True),
            Example("a search in words", [http | {"uri": "/search?q=union+of+nurses+select+committee"}], False),
            Example(
                "the same way out, asked of the internet",
                [http | {"uri": "/get?file=..%2f..%2f..%2fetc%2fpasswd", "dst_ip": "203.0.113.7"}],
                False,
            ),
        )
