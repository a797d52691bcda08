"""Tools of remote management: what hosts and the network show of them comes together for the whole house."""

from typing import Any

import numpy as np
import orjson
import pytest

from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.features.decode import decode
from pipeline.runtime.relay.relay import onward

GROUPS, DAY_S, START = 8, 86_400.0, 1.7e9


def _told(source: str, target: str, sights: list[dict[str, Any]]) -> list[str]:
    """Machines that are told, of sights on a house that is watched from START on."""
    seen = Engine(source, EngineConfig(GROUPS))
    news = Engine(target, EngineConfig(GROUPS))
    machine = "host" if source == "logs" else "src_ip"
    first = [{"ts": START, "kind": "line" if source == "logs" else "flow", machine: s[machine]} for s in sights]
    told = []
    for at, event in enumerate([*first, *sorted(sights, key=lambda s: s["ts"])]):
        batch = decode(source, [orjson.dumps({"format": "t", "event_id": f"e{at}", **event})], GROUPS).batch
        given = onward(seen.process(batch, Origin(source, 0, np.array([at]))), GROUPS)
        if given is None:
            continue
        assert given.source == target
        decoded = decode(target, given.documents, GROUPS)
        assert not decoded.refused and decoded.batch.groups.tolist() == given.groups.tolist()
        outcome = news.process(decoded.batch, Origin(target, 0, np.arange(decoded.batch.n) + at))
        told += [h.describe(k).entity for h in outcome.hits for k in range(len(h.rows)) if "remote_tool" in h.detector]
    return told


def _runs(host: str, image: str, day: float) -> dict[str, Any]:
    return {"kind": "process", "action": "start", "ts": START + day * DAY_S, "host": host, "image": image}


def _asks(src_ip: str, query: str, day: float) -> dict[str, Any]:
    return {"kind": "dns", "ts": START + day * DAY_S, "src_ip": src_ip, "query": query}


ANYDESK, TEAMVIEWER = "C:\\Users\\anna\\Downloads\\AnyDesk.exe", "C:\\Program Files\\TeamViewer\\TeamViewer.exe"


@pytest.mark.parametrize(
    ("source", "target", "sight", "tools"),
    [("logs", "accounts", _runs, (ANYDESK, TEAMVIEWER)),
     ("network", "contacts", _asks, ("relay-1.net.anydesk.com", "router1.teamviewer.com"))],
)  # fmt: skip
def test_the_first_machines_with_a_tool_that_the_house_does_not_use(
    source: str, target: str, sight: Any, tools: tuple[str, str]
) -> None:
    new, old = tools
    before = [sight(f"10.0.0.{k}", old, 0.1 * k) for k in range(1, 4)]
    assert _told(source, target, before) == [], "the first week is for learning"
    assert _told(source, target, [*before, sight("10.0.0.9", old, 9)]) == [], "the house uses it"
    one = sight("10.0.0.7", new, 9)
    assert _told(source, target, [*before, one]) == ["10.0.0.7"]
    assert _told(source, target, [*before, one, {**one, "ts": one["ts"] + 60}]) == ["10.0.0.7"], "once a day"
    assert _told(source, target, [*before, one, sight("10.0.0.7", new, 11)]) == ["10.0.0.7"], "known there by then"
    many = [sight(f"10.0.1.{k}", new, 9 + 0.01 * k) for k in range(1, 20)]
    assert _told(source, target, [*before, *many]) == ["10.0.1.1", "10.0.1.2"], "then it is a roll-out"
