"""Sigma rules over what sensors saw on the network."""

from collections.abc import Sequence

from pipeline.detectors.detector import Example
from pipeline.detectors.sigma_rules import SigmaRules


class NetworkSigma(SigmaRules):
    """The shipped Sigma rules and the user's (setting `rules`), over Zeek, Suricata, DNS, proxy and flow events.

    A finding has its rule's title, level (as severity), techniques and known false positives, and is counted by rule
    and originator. The score follows the level: .5 informational, .6 low, .7 medium, .85 high, .95 critical.
    """

    id = "network.sigma"
    source = "network"
    entity = ("src_ip", "src_mac")
    entity_type = "ip"
    inputs = ("kind", "query", "uri", "user_agent", "method", "sni", "filename", "share", "detail")

    @classmethod
    def examples(cls) -> Sequence[Example]:
        seen = {"kind": "file", "ts": 1e6, "src_ip": "10.1.2.3", "dst_ip": "10.1.9.9", "action": "SMB::FILE_OPEN",
                "format": "zeek.smb_files"}  # fmt: skip
        call = {"kind": "other", "ts": 1e6, "src_ip": "10.1.2.3", "dst_ip": "10.1.9.9", "name": "dce_rpc",
                "format": "zeek.dce_rpc", "detail": '{"endpoint":"drsuapi","operation":"DRSGetNCChanges"}'}  # fmt: skip
        return (
            Example(
                "a machine asks a domain controller for everybody's secrets",
                [call],
                True,
            ),
            Example(
                "a document is opened on a file server",
                [seen | {"share": "\\\\10.1.9.9\\wards", "filename": "rota.docx"}],
                False,
            ),
        )
