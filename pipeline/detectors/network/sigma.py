"""Sigma rules over what sensors saw on the network."""

from collections.abc import Mapping, Sequence

import numpy as np
from typing_extensions import override

from pipeline.detectors.detector import Example, Setup
from pipeline.detectors.network.second_sensor import SecondSensor
from pipeline.detectors.sigma_rules import SigmaRules
from pipeline.features.batch import Batch
from pipeline.features.state_parts import Stateful, join_states, split_states


class NetworkSigma(SigmaRules):
    """The shipped Sigma rules and the user's (setting `rules`), over Zeek, Suricata, DNS, proxy and flow events.

    A finding has its rule's title, level (as severity), techniques and known false positives, and is counted by rule
    and originator. The score follows the level: .5 informational, .6 low, .7 medium, .85 high, .95 critical.
    What a second sensor tells of a connection counts for no correlation.
    """

    id = "network.sigma"
    source = "network"
    entity = ("src_ip", "src_mac")
    entity_type = "ip"
    inputs = ("kind", "query", "uri", "user_agent", "method", "sni", "filename", "share", "detail")

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._twice = SecondSensor(setup.groups)
        self._saved: dict[str, Stateful] = {"correlator": self._correlator, "twice": self._twice}

    @override
    def _told_before(self, batch: Batch, row: int) -> bool:
        return bool(self._twice.copies(batch, np.array([row]))[0])

    @override
    def state(self, group: int) -> dict[str, np.ndarray]:
        return join_states(self._saved, group)

    @override
    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        split_states(self._saved, group, state)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        seen = {"kind": "file", "ts": 1e6, "src_ip": "10.1.2.3", "dst_ip": "10.1.9.9", "action": "SMB::FILE_OPEN",
                "format": "zeek.smb_files"}  # fmt: skip
        call = {"kind": "other", "ts": 1e6, "src_ip": "10.1.2.3", "dst_ip": "10.1.9.9", "name": "dce_rpc",
                "format": "zeek.dce_rpc", "detail": '{"endpoint":"eventlog","operation":"ElfrClearELFW"}'}  # fmt: skip
        return (
            Example(
                "a machine's memory of what happened is emptied from another",
                [call],
                True,
            ),
            Example(
                "a document is opened on a file server",
                [seen | {"share": "\\\\10.1.9.9\\wards", "filename": "rota.docx"}],
                False,
            ),
        )
