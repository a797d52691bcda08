"""Somebody guesses passwords over the network: many failed logons, or many short sessions that end alike."""

from collections.abc import Sequence

from pipeline.detectors.detector import Example, Scores
from pipeline.detectors.network.guessing import Guessing
from pipeline.features.batch import Batch


class NetworkAuthBruteForce(Guessing):
    """Guesses of a machine of ours, per source and target and per source. A gateway that opens sessions for many
    users belongs on the list `allow`. What strangers guess is `network.outside_guessing`.
    """

    id = "network.auth_brute_force"
    title = "Password guessing over the network"
    severity = 3
    entity = ("src_ip",)
    entity_type = "ip"
    cost = "O(40) a logon or short session, O(1) others; 770 bytes a pair of source and target, 7.4 MB in all"
    misses = (
        "Fewer than ten guesses in ten minutes or twenty in an hour, guesses spread over many sources, and guesses "
        "over encrypted web forms; where only flows are seen, guessers whose sessions last long or differ in size."
    )

    def score(self, batch: Batch) -> Scores:
        return Scores(*self._counted(batch, outside=False))

    @classmethod
    def examples(cls) -> Sequence[Example]:
        auth = {"kind": "auth", "service": "ssh", "src_ip": "10.0.7.7", "dst_ip": "10.0.0.20", "dst_port": 22}
        failure = auth | {"outcome": "failure"}
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.7.7", "dst_ip": "10.0.0.20", "dst_port": 22,
                "duration_s": 2.0}  # fmt: skip
        guess = flow | {"bytes_out": 1900, "bytes_in": 2300}
        web = {"kind": "http", "src_ip": "10.0.7.7", "dst_ip": "10.0.0.30", "dst_port": 80, "status": 401}
        form = web | {"method": "POST", "uri": "/portal/Login.do", "status": 200, "bytes_in": 4100, "bytes_out": 60}
        return (
            Example("failed logons", [failure | {"ts": 1e6 + 5 * i} for i in range(15)], True),
            Example(
                "six failures, then in",
                [failure | {"ts": 1e6 + 5 * i} for i in range(6)] + [auth | {"ts": 1e6 + 40, "outcome": "success"}],
                True,
            ),
            Example("sessions alike", [guess | {"ts": 1e6 + 3 * i} for i in range(40)], True),
            Example("names refused by a web server", [web | {"ts": 1e6 + i, "user": "admin"} for i in range(15)], True),
            Example("a form sent again and again", [form | {"ts": 1e6 + 2 * i} for i in range(40)], True),
            Example("a web server that asks for a name first", [web | {"ts": 1e6 + i} for i in range(60)], False),
            Example(
                "a typing mistake",
                [failure | {"ts": 1e6 + 5 * i} for i in range(3)] + [auth | {"ts": 1e6 + 40, "outcome": "success"}],
                False,
            ),
            Example(
                "an administrator's sessions",
                [flow | {"ts": 1e6 + 60 * i, "bytes_out": 900 * 2 ** (i % 5), "bytes_in": 1500} for i in range(40)],
                False,
            ),
        )
