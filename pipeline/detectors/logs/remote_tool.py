"""A host runs a tool of remote management that no other of the house does."""

from collections.abc import Sequence

from pipeline.detectors.detector import Example
from pipeline.detectors.new_remote_tool import NewRemoteTool
from pipeline.features.batch import Batch
from pipeline.features.naming import named


class RemoteTool(NewRemoteTool):
    """As hosts' logs name it: program, maker's name in the file, service, package, or a name that Sysmon saw asked."""

    id = "logs.remote_tool"
    title = "Tool of remote management new to the house"
    source = "accounts"
    entity = ("host",)
    entity_type = "host"
    group_by = ("host", "tool")
    inputs = ("tool", "host", "watched_s")
    machine = "host"

    def did(self, batch: Batch, row: int, tool: str) -> str:
        user = named(batch, row, "user", otherwise="")
        return f"runs {tool}" + (f" for {user}" if user else "")

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return cls.stories({"kind": "tool", "account": "AnyDesk", "host": "ws-1", "user": "anna"})
