"""What several key groups of the network saw of one machine comes together under its address."""

from typing import Any

import numpy as np
import orjson

from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.features.decode import decode
from pipeline.runtime.relay.relay import onward

GROUPS, START = 8, 1.7e9


def _told(events: list[dict[str, Any]], detector: str) -> list[str]:
    """Entities that the detector tells of `contacts`, of events of `network`."""
    seen, news = (Engine(source, EngineConfig(GROUPS)) for source in ("network", "contacts"))
    told = []
    for at, event in enumerate(sorted(events, key=lambda e: e["ts"])):
        batch = decode("network", [orjson.dumps({"format": "t", "event_id": f"e{at}", **event})], GROUPS).batch
        given = onward(seen.process(batch, Origin("network", 0, np.array([at]))), GROUPS)
        if given is None or not len(given.groups):
            continue
        decoded = decode("contacts", given.documents, GROUPS)
        assert not decoded.refused and decoded.batch.groups.tolist() == given.groups.tolist()
        outcome = news.process(decoded.batch, Origin("contacts", 0, np.arange(decoded.batch.n) + at))
        told += [h.describe(k).entity for h in outcome.hits for k in range(len(h.rows)) if h.detector == detector]
    return told


def test_whoever_asks_the_names_of_one_liar_come_together() -> None:
    names = ("wpad", "filesrv1", "pritner", "wardshare", "proxysrv")
    answer = {"kind": "dns", "proto": "udp", "dst_ip": "10.0.0.66", "dst_port": 137, "answers": ["10.0.0.66"]}
    lies = [answer | {"ts": START + k, "src_ip": f"10.0.0.{k}", "query": name} for k, name in enumerate(names, 1)]
    assert set(_told(lies, "network.name_poisoning")) == {"10.0.0.66"}
    own = [answer | {"ts": START + k, "src_ip": f"10.0.0.{k}", "query": "ward-pc5"} for k in range(1, 30)]
    assert _told(own, "network.name_poisoning") == []


def test_a_desk_asks_what_only_machines_asked() -> None:
    ask = {"kind": "flow", "proto": "tcp", "dst_ip": "10.0.8.4", "dst_port": 502, "bytes_out": 12, "bytes_in": 29}
    page = ask | {"src_ip": "10.0.5.9", "dst_port": 443, "bytes_in": 9000}
    pages = [page | {"ts": START + 60 * k, "dst_ip": f"203.0.{k}.9"} for k in range(5)]
    plant = [ask | {"ts": START + 120 * k, "src_ip": "10.0.1.7"} for k in range(60)]
    desk = ask | {"ts": START + 7100, "src_ip": "10.0.5.9"}
    assert _told([*pages, *plant, desk], "devices.new_asker") == ["10.0.5.9"]
    assert _told([*plant, desk], "devices.new_asker") == [], "nobody sits at it, as far as is known"
    assert _told([*pages, *plant, desk | {"ts": START + 600}], "devices.new_asker") == [], "too soon to say"
    assert _told([*pages, *plant, desk | {"bytes_in": 0}], "devices.new_asker") == [], "it knocks in vain"
