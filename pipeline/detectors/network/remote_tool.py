"""A machine keeps to servers of a tool of remote management that no other of the house does."""

from collections.abc import Sequence

from pipeline.detectors.detector import Example
from pipeline.detectors.new_remote_tool import NewRemoteTool
from pipeline.features.batch import Batch
from pipeline.features.naming import named


class RemoteTool(NewRemoteTool):
    """As the network names it: a server of the tool asked for in DNS, or greeted over TLS."""

    id = "network.remote_tool"
    title = "Tool of remote management new to the house"
    source = "contacts"
    entity = ("src_ip",)
    entity_type = "ip"
    group_by = ("src_ip", "tool")
    inputs = ("tool", "src_ip", "host", "watched_s")
    machine = "src_ip"

    def did(self, batch: Batch, row: int, tool: str) -> str:
        return f"asks for {named(batch, row, 'host', otherwise='a server', limit=80)}, a server of {tool}"

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return cls.stories({"kind": "tool", "destination": "AnyDesk", "src_ip": "10.0.0.9",
                            "host": "relay-7.net.anydesk.com"})  # fmt: skip
