"""Ticks of a worker's partitions: told when they move or fall silent, and nothing is lost when one is taken away."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

import orjson
import pytest
from faust.types import TP

from pipeline.runtime.relay import passing
from pipeline.runtime.relay.passing import Passing

EHR, OTHER = TP("ehr", 0), TP("ehr", 1)
AtEnd = Callable[[Collection[TP]], Awaitable[Collection[TP]]]


class Sent:
    """In the producer's place: what was handed over. Only so can a partition go in the middle of a question."""

    def __init__(self) -> None:
        self.ticks: list[dict[str, object]] = []

    async def partition_count(self, _topic: str) -> int:
        return 1

    async def parcel(self, _topic: str, _partition: int, records: list[tuple[bytes, bytes]]) -> None:
        self.ticks.append(orjson.loads(records[0][1]))


def play(at_end: Callable[[Passing], AtEnd], monkeypatch: pytest.MonkeyPatch, *others: TP) -> list[dict[str, object]]:
    """Ticks of a partition that brought an event and then nothing, for a moment; `others` bring nothing."""
    monkeypatch.setattr(passing, "_EVERY_S", 0.01)
    monkeypatch.setattr(passing, "_FIRST_IDLE_S", 0.03)

    async def run() -> list[dict[str, object]]:
        sent = Sent()
        one = Passing(sent, "", 2, lambda tps: at_end(one)(tps))  # type: ignore[arg-type]
        await one.begin(EHR, "ehr", 4)
        await one.give(EHR, None, 1.7e9)
        for other in others:
            await one.begin(other, "ehr", 4)
        telling = asyncio.create_task(one.run(asyncio.Lock()))
        await asyncio.sleep(0.3)
        assert not telling.done(), telling.exception()
        telling.cancel()
        return sent.ticks

    return asyncio.run(run())


def test_a_partition_tells_that_it_is_there_how_far_it_came_and_that_it_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def ended(tps: Collection[TP]) -> Collection[TP]:
        return tps

    first, second, third, *_ = play(lambda _: ended, monkeypatch)
    assert (first["ts"], first["lanes"], first["lane"]) == (0.0, 4, "ehr/0")
    assert (second["ts"], second.get("idle_s")) == (1.7e9, None)
    assert third["ts"] == 1.7e9 and third["idle_s"] is not None


def test_a_partition_taken_away_while_the_broker_is_asked_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetting(one: Passing) -> AtEnd:
        async def at_end(tps: Collection[TP]) -> Collection[TP]:
            one.forget()
            return tps

        return at_end

    assert [t["ts"] for t in play(forgetting, monkeypatch, OTHER)] == [0.0, 0.0, 1.7e9]


def test_what_moved_while_the_broker_was_asked_is_not_called_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    def moving(one: Passing) -> AtEnd:
        async def at_end(tps: Collection[TP]) -> Collection[TP]:
            for tp in tps:
                await one.give(tp, None, 1.7e9 + 5)
            return tps

        return at_end

    told = play(moving, monkeypatch)
    assert all(t.get("idle_s") is None for t in told)
    assert [t["ts"] for t in told] == [0.0, 1.7e9, 1.7e9 + 5]
