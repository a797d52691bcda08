"""Lists and inventory that change while a worker runs, by file and by topic."""

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from pipeline.detectors.catalogue import catalogue
from pipeline.features.lists import Lists, content_version
from pipeline.features.pseudonyms import PREFIX, Pseudonymiser
from pipeline.runtime.lists import feed as list_feed
from pipeline.runtime.lists.feed import ListFeed
from pipeline.settings import Settings
from runtime.bench import Bench, Record

pytestmark = pytest.mark.servers
PSEUDONYM = Pseudonymiser(b"a key of the tests").of
START = 1_790_000_000.0


def listed(name: str, first: str, **row: str) -> Record:
    """A row as it stands on the topic; taken away without columns."""
    value = json.dumps({"list": name, "row": row}).encode() if row else None
    return Record("lists", f"{name}/{first}".encode(), value)


def device(ip: str, mac: str = "") -> Record:
    """A device as it stands on its topic."""
    fields = {
        "kind": "device",
        "ts": START,
        "event_id": ip,
        "format": "t",
        "ip": ip,
        "mac": mac,
        "device_class": "pump",
    }
    return Record("devices", (mac or ip).encode(), json.dumps(fields).encode())


async def until(done: Callable[[], bool], what: str) -> None:
    """Wait for it, for as long as a slow machine may need."""
    for _ in range(600):
        if done():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"waited for {what}")


def play(settings: Settings, lists: Lists, act: Callable[[], Awaitable[None]]) -> None:
    """Run a feed around `act`; no part of it may fail."""

    async def run() -> None:
        feed = ListFeed(settings, lists, PSEUDONYM, poll_s=0.1)
        await feed.start()
        try:
            await act()
            assert not any(task.done() for task in feed.tasks)
        finally:
            await feed.stop()

    asyncio.run(run())


def rewrite(path: Path, text: str) -> None:
    """A new version; its time differs even where the file system's clock is coarse."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    os.utime(path, ns=(before + 10**9, before + 10**9))


def test_topics_count_from_their_beginning_and_as_they_come(bench: Callable[..., Bench]) -> None:
    b = bench()
    b.send([listed("scanners", "10.0.0.1", value="10.0.0.1"), listed("vip", "MRN7", patient="Patient/MRN7")])
    b.send([device("10.0.0.5", "AA:BB:CC:00:11:22")])
    lists = Lists()

    async def act() -> None:
        assert "10.0.0.1" in lists["scanners"], "known before the first event is scored"
        assert PSEUDONYM("MRN7") in lists["vip"]
        assert "MRN7" not in str(dict(lists["vip"].rows)) and PREFIX in str(dict(lists["vip"].rows))
        assert lists.devices["aa:bb:cc:00:11:22"]["class"] == lists.devices["10.0.0.5"]["class"] == "pump"
        await asyncio.to_thread(b.send, [listed("scanners", "10.0.0.2", value="10.0.0.2")])
        await until(lambda: "10.0.0.2" in lists["scanners"], "a second scanner")
        await asyncio.to_thread(b.send, [listed("scanners", "10.0.0.1"), Record("devices", b"AA:BB:CC:00:11:22", None)])
        await until(lambda: "10.0.0.1" not in lists["scanners"], "the first to go")
        await until(lambda: not lists.devices, "the device to go")

    play(b.settings, lists, act)


def test_files_are_read_again_and_broken_ones_are_not_used(
    bench: Callable[..., Bench], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    vip, inventory = tmp_path / "vip.csv", tmp_path / "inventory.csv"
    rewrite(vip, "patient,reason\nMRN1,known\n")
    rewrite(inventory, "mac,ip,class\n,10.0.0.1,monitor\n")
    b = bench()
    settings = b.settings.model_copy(update={"lists": {"vip": vip}, "inventory": inventory})
    b.send([listed("vip", "MRN2", patient="MRN2"), device("10.0.0.2")])
    lists = Lists()

    async def act() -> None:
        await until(lambda: len(lists["vip"]) == 2 and len(lists.devices) == 2, "file and topic together")
        rewrite(vip, "patient,reason\nMRN3,known\n")
        await until(lambda: PSEUDONYM("MRN3") in lists["vip"], "the new version")
        assert PSEUDONYM("MRN1") not in lists["vip"] and PSEUDONYM("MRN2") in lists["vip"]
        for broken in ("nothing,useful\n1,2\n", None):
            if broken is None:
                vip.unlink()
            else:
                rewrite(vip, broken)
            faults = len(errors())
            await until(lambda n=faults: len(errors()) > n, "a line about the fault")  # type: ignore[misc]
            await asyncio.sleep(0.5)
            assert len(errors()) == faults + 1, "one line, not one a look"
            assert PSEUDONYM("MRN3") in lists["vip"]
        rewrite(vip, "patient\nMRN4\n")
        await until(lambda: PSEUDONYM("MRN4") in lists["vip"], "the repaired file")

    def errors() -> list[str]:
        return [r.getMessage() for r in caplog.records if r.name == list_feed.__name__ and r.levelno == logging.ERROR]

    with caplog.at_level(logging.INFO):
        play(settings, lists, act)
    assert not [r for r in caplog.records if "MRN" in r.getMessage()], "patients in the log"


def test_records_that_are_no_rows_change_nothing(bench: Callable[..., Bench], caplog: pytest.LogCaptureFixture) -> None:
    b = bench()
    row = json.dumps({"list": "scanners", "row": {"value": "10.9.9.9"}}).encode()
    b.send(
        [
            Record("lists", key, value)
            for key, value in (
                (b"", row), (b"nolist/x", row), (b"vip/x", row), (b"\xff/x", row), (b"scanners/a", b"{"),
                (b"scanners/b", b"[" * 5000), (b"scanners/c", b'{"list":"scanners","row":{}}'),
                (b"scanners/d", b'{"list":"scanners","row":{"value":1}}'), (b"scanners/e", b"x" * 70_000),
                (b"scanners/never", None), (b"scanners/ok", row),
            )
        ]
    )  # fmt: skip
    b.send([listed("allow", "a", detector="network.port_scan", entity="10.9.9.9", owner="it", until="2027-01-01")])
    b.send([Record("devices", b"k", v) for v in (b"{", b"", b'{"kind":"device"}', None)])
    lists = Lists()

    async def act() -> None:
        await until(lambda: len(lists["scanners"]) > 0, "the one good row")

    with caplog.at_level(logging.WARNING):
        play(b.settings, lists, act)
    assert list(lists["scanners"].rows) == ["10.9.9.9"]
    assert not lists["vip"].rows and not lists["allow"].rows and not lists.devices
    told = [r.getMessage() for r in caplog.records if "is left out" in r.getMessage()]
    assert len(told) == 10 and not any("10.9.9.9" in line for line in told)
    assert len([line for line in told if "reason is missing" in line]) == 1, (
        "an entry of `allow` nobody gave a reason for"
    )


def test_what_a_topic_may_hold_is_bounded(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(list_feed, "MAX_ROWS", 10)
    b = bench()
    b.send([listed("scanners", f"10.0.0.{i}", value=f"10.0.0.{i}") for i in range(50)])
    lists = Lists()

    async def act() -> None:
        assert len(lists["scanners"]) == 10

    with caplog.at_level(logging.ERROR):
        play(b.settings, lists, act)
    assert len([r for r in caplog.records if "limit" in r.getMessage()]) == 1


def port_scan(src_ip: str, start_ts: float) -> list[Record]:
    """The detector's own example of a scan, by this machine."""
    example = next(e for e in catalogue()["network.port_scan"].examples() if e.fires)
    events = [
        d | {"src_ip": src_ip, "ts": start_ts + d["ts"], "event_id": f"{src_ip}-{start_ts:.0f}-{i}", "format": "t"}
        for i, d in enumerate(example.documents)
    ]
    return [Record("network", src_ip.encode(), json.dumps(e).encode()) for e in events]


def test_a_scanner_added_while_the_worker_runs_is_quiet_from_then_on(
    bench: Callable[..., Bench], tmp_path: Path
) -> None:
    file = tmp_path / "scanners.txt"
    rewrite(file, "10.9.9.9\n")
    by_topic, by_file, stranger = "10.0.0.61", "10.0.0.62", "10.0.0.63"
    b = bench(partitions=2)
    everyone = (by_topic, by_file, stranger)

    def alerts(day: int) -> set[str]:
        found = b.database.query("SELECT entity, first_seen FROM alerts WHERE detector = 'network.port_scan'")
        begin = START + 86_400 * day
        return {entity for entity, seen in found if begin <= seen.timestamp() < begin + 3600}

    def versions() -> list[tuple[object, ...]]:
        return b.database.query("SELECT name, version, rows FROM list_versions ORDER BY loaded_at")

    def in_use(*values: str) -> str:
        return content_version({"value": value} for value in values)

    def scan(day: int) -> None:
        records = [r for who in everyone for r in port_scan(who, START + 86_400 * day)]
        before = b.count()
        b.send(records)
        b.wait_for_records(before + len(records))

    b.start(WARDWATCH_LISTS=json.dumps({"scanners": str(file)}))
    scan(0)
    b.wait(lambda: alerts(0) == set(everyone), "alerts about all three")
    b.send([listed("scanners", by_topic, value=by_topic)])
    b.wait(lambda: "scanners: 1 rows from its topic" in b.log.read_text(), "the topic to be read")
    rewrite(file, f"{by_file}\n")
    b.wait(lambda: "was read again" in b.log.read_text(), "the file to be read")
    b.wait(lambda: [v for v in versions() if v[1:] == (in_use(by_file, by_topic), 2)], "the new version to be noted")
    scan(2)
    assert b.stop(b.workers[-1]) == 0
    assert alerts(2) == {stranger}
    assert versions()[0] == ("scanners", in_use("10.9.9.9"), 1)
    current = b.database.query("SELECT name, version, rows FROM current_lists")
    assert current == [("scanners", in_use(by_file, by_topic), 2)]
