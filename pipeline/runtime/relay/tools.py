"""Which sights of tools of remote management are given on: under the tool, so that the whole house comes together."""

import orjson

from pipeline.detectors.remote_tools import REMOTE_TOOLS
from pipeline.engine.engine import Outcome
from pipeline.runtime.relay.onward import Onward, groups_of, marked

SEEN = ("logs.remote_tool_seen", "network.remote_tool_seen")
_FIELDS = {
    "accounts": ("account", ("format", "host", "user", "program", "src_ip", "image")),
    "contacts": ("destination", ("format", "src_ip")),
}
_NAMES = ("query", "sni", "host")


def tools(outcome: Outcome, target: str, groups: int) -> Onward:
    """Sights of a scored batch of `logs` or `network`, in order."""
    batch = outcome.batch
    key, fields = _FIELDS[target]
    keys, documents = [], []
    for hits in (h for h in outcome.hits if h.detector in SEEN):
        for k, row in enumerate(hits.rows.tolist()):
            tool = REMOTE_TOOLS[int(hits.noted["tool"][k])].name
            own = batch.known_texts(fields, row)
            if target == "contacts":
                own["host"] = next(said for name in _NAMES if (said := batch.text(name, row)))
            keys.append(tool.encode())
            event_id = marked(batch.text("event_id", row) or "", "tool")
            head = {"ts": float(batch.ts[row]), "event_id": event_id, "kind": "tool", key: tool, "tool": tool}
            documents.append(orjson.dumps(head | {"watched_s": float(hits.noted["watched_s"][k])} | own))
    return Onward(target, groups_of(keys, groups), keys, documents)
