"""Lists of what is blocked: whole, atomic, with an end, and healed when they were altered."""

from pathlib import Path
from typing import Any

from response.stage import Clock, Log, answered, incident, party, responder, steps

BLOCK = {"do": "block_address", "to": ["ip"], "hold_h": 2}


def options(path: Path, form: str, action: str) -> dict[str, Any]:
    lists = {"kind": "blocklist", "path": path, "format": form}
    return {"dry_run": False, "connectors": {"list": lists}, "actions": {action: ["list"]}}


def entries(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line[0] not in "#;$@"]


async def test_addresses_come_and_go(tmp_path: Path) -> None:
    log, clock, path = Log(), Clock(), tmp_path / "blocked.txt"
    who = responder(options(path, "addresses", "block_address"), [steps(BLOCK)], log, clock)
    await answered(who, incident(subject=party("ip", "203.0.113.9"), name="a"))
    clock.now += 3600
    await answered(who, incident(subject=party("ip", "2001:DB8::1"), name="b"))
    assert entries(path) == [
        "2001:db8::1 # until 2027-01-15T11:00:00+00:00", "203.0.113.9 # until 2027-01-15T10:00:00+00:00",
    ]  # fmt: skip
    path.write_text("someone wrote here\n")
    clock.now += 3601
    again = responder(options(path, "addresses", "block_address"), [steps(BLOCK)], log, clock)
    await again.tick()
    await again.settle()
    assert entries(path) == ["2001:db8::1 # until 2027-01-15T11:00:00+00:00"]
    clock.now += 3600
    await again.tick()
    await again.settle()
    assert entries(path) == [] and not [p for p in tmp_path.iterdir() if p != path]
    assert path.stat().st_mode & 0o777 == 0o644


async def test_a_zone_has_names_addresses_and_a_serial_that_grows(tmp_path: Path) -> None:
    log, clock, path = Log(), Clock(), tmp_path / "db.rpz"
    playbook = steps(BLOCK, {"do": "block_domain", "to": ["domain"]})
    both = options(path, "rpz", "block_address")
    both["actions"]["block_domain"] = ["list"]
    who = responder(both, [playbook], log, clock)
    await answered(who, incident("phishing", party("domain", "Evil.Example."), party("ip", "203.0.113.9", "touched")))
    assert [line.partition(" CNAME . ;")[0] for line in entries(path)] == [
        "32.9.113.0.203.rpz-ip", "evil.example", "*.evil.example",
    ]  # fmt: skip
    first = int(path.read_text().split("localhost. root.localhost. ")[1].split()[0])
    await answered(who, incident("phishing", party("domain", "bad.example"), name="b"))
    second = int(path.read_text().split("localhost. root.localhost. ")[1].split()[0])
    assert second == first + 1 and "*.bad.example CNAME ." in path.read_text()


async def test_names_that_would_break_a_zone_stay_out(tmp_path: Path) -> None:
    log, path = Log(), tmp_path / "db.rpz"
    who = responder(
        options(path, "rpz", "block_domain"), [steps({"do": "block_domain", "to": ["domain"]})], log, Clock()
    )
    for i, name in enumerate(("x.example\n@ A 1.2.3.4", "x.example A 1.2.3.4", "*.example", "com", "a..b", "$INCLUDE")):
        await answered(who, incident("phishing", party("domain", name), name=f"i{i}"))
    assert {d.state for d in log.latest("block_domain")} == {"skipped"} and not path.exists()


async def test_a_folder_that_is_not_there_is_trouble_that_is_told(tmp_path: Path) -> None:
    log = Log()
    who = responder(options(tmp_path / "no" / "list", "addresses", "block_address"), [steps(BLOCK)], log, Clock())
    await answered(who, incident(subject=party("ip", "203.0.113.9")))
    assert log.one("block_address").state == "failed" and "FileNotFoundError" in log.one("block_address").why
