"""Questions for images: those within an association where they are told, connections where not."""

from typing import Any

import numpy as np
import orjson
import pytest

from detectors.played import START, decoded, played
from pipeline.detectors.detector import Setup
from pipeline.detectors.devices.associations import associations
from pipeline.detectors.devices.mass_retrieval import MassRetrieval

CONNECTION = {"src_ip": "10.4.9.13", "dst_ip": "10.1.0.35", "dst_port": 11112, "proto": "tcp", "service": "dicom"}


def visit(ts: float, **asked: Any) -> list[dict[str, Any]]:
    """An association as a sensor tells it, and its connection."""
    told = {"kind": "other", "name": "dicom", "detail": orjson.dumps({"calling_ae": "WS7", **asked}).decode()}
    flow = {"kind": "flow", "bytes_out": 900, "bytes_in": 20_000}
    return [CONNECTION | {"ts": ts} | kind for kind in (told, flow)]


def habit(n: int = 60) -> list[dict[str, Any]]:
    return [e for k in range(n) for e in visit(START + 600.0 * k, find=2 + k % 4, move=k % 2)]


def highest(*then: dict[str, Any]) -> float:
    before = habit()
    return float(np.nanmax(np.nan_to_num(played(MassRetrieval, [*before, *then])[len(before) :])))


@pytest.mark.parametrize("asked", [{"find": 2000}, {"move": 1500, "find": 3}, {"get": 900}])
def test_many_questions_in_one_association(asked: dict[str, int]) -> None:
    later = START + 36_100.0
    told, flow = visit(later, **asked)
    assert highest(told, flow) >= 0.5
    assert highest(flow, told) >= 0.5
    assert highest(flow) < 0.5


def test_what_is_sent_or_tried_is_no_question() -> None:
    assert highest(*visit(START + 36_100.0, store=5000, echo=900, find=1)) < 0.5
    assert highest(*visit(START + 36_100.0, called_ae='","find":9999,"x":"')) < 0.5


def test_who_always_asks_much_may() -> None:
    busy = [e for k in range(60) for e in visit(START + 600.0 * k, find=300 + k % 7)]
    assert np.nanmax(np.nan_to_num(played(MassRetrieval, busy))) < 0.5


def test_numbers_of_an_association() -> None:
    details = ['{"find":3,"move":4,"get":5,"store":90}', '{"find":1}', "{}", '{"find":', '{"move":"x"}',
               '{"calling_ae":"\\"find\\":9","find":7}', '{"find":99999999999999999999}']  # fmt: skip
    told = CONNECTION | {"ts": START, "kind": "other", "name": "dicom"}
    batch = decoded("network", [told | {"detail": text} for text in details])
    rows, asked = associations(batch)
    assert rows.tolist() == list(range(len(details)))
    assert asked.tolist() == [12.0, 1.0, 0.0, 0.0, 0.0, 7.0, 1_000_000.0]


def test_connections_alone_count_as_before() -> None:
    flows = [e for e in habit() if e["kind"] == "flow"]
    rush = [flows[0] | {"ts": START + 36_100.0 + k} for k in range(300)]
    scores = MassRetrieval(Setup(8)).score(decoded("network", [*flows, *rush])).values
    assert np.nanmax(scores[: len(flows)]) < 0.5 <= np.nanmax(scores[len(flows) :])


def test_a_newcomer_that_sends_one_image_after_the_other_asks_nothing() -> None:
    seen = CONNECTION | {"src_ip": "10.4.9.30", "dst_port": 80, "service": "http", "kind": "flow", "ts": START}

    def first_day(**asked: int) -> float:
        talk = [e | {"src_ip": "10.4.9.30"} for k in range(300) for e in visit(START + 36_100.0 + 8.0 * k, **asked)]
        return highest(seen, *talk)

    assert first_day(store=1) < 0.5 <= first_day(find=1)
