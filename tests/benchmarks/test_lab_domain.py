"""The domain's scenarios are what their lists say, and a domain that can be built is worked in."""

import json
import os
import shutil
from pathlib import Path

import pytest

from benchmarks.quality.lab.domain import conf
from benchmarks.quality.lab.domain.__main__ import main
from benchmarks.quality.lab.domain.day import Day
from benchmarks.quality.lab.domain.scenario import all_scenarios, places, read

TOOLS = ("ip", "ethtool", "unshare", "samba", "samba-tool", "ldbadd", "smbd", "winbindd", "smbclient", "kinit",
         "tcpdump", "ldapsearch", "dig")  # fmt: skip
BUILT = os.geteuid() == 0 and all(map(shutil.which, TOOLS)) and Path("/usr/share/samba/setup/ad-schema").is_dir()


def test_scenarios_have_their_own_names_and_known_words() -> None:
    found = all_scenarios()
    assert len({one.name for one in found}) == len(found) > 80
    known = {*places(Path("/lab")), "hash", "krbtgt", "fshash", "sid", "py"}
    for one in found:
        assert one.steps
        for machine, line in one.steps:
            if machine == "day":
                assert callable(getattr(Day, line))
                continue
            assert machine.rstrip("&") in conf.ADDRESSES
            for word in known:
                line = line.replace(f"{{{word}}}", "")
            assert "{" not in line.replace("Policies/{", ""), line


def test_who_attacks_is_told_and_nobody_in_honest_work() -> None:
    found = {one.name: one for one in all_scenarios()}
    assert all(bool(one.by()) != one.honest for one in found.values())
    assert found["kerbrute_users"].by() == sorted((conf.ADDRESSES["box"], "box", "BOX"))
    assert "e.ebert" in found["share_copied"].by()
    assert "Administrator" in found["psexec"].by()


def test_steps_are_done_over_and_over_and_at_each_desk(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("# so\n[a] 60\n2 x box: ping {dc}\n\n[b]\n3 desks: log {who} {word}\neverybody box: {who}\n")
    a, b = read(path, honest=True)
    assert (a.steps, a.seconds) == ((("box", "ping {dc}"),) * 2, 60.0)
    assert b.steps[1] == ("ws02", f"log b.brand {conf.password_of('b.brand')}")
    assert len(b.steps) == 3 + len(conf.PEOPLE)
    path.write_text("[a]\nnothing\n")
    with pytest.raises(ValueError, match="no step"):
        list(read(path, honest=True))


def test_a_name_that_is_no_scenario_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--out", str(tmp_path), "no_such"])
    assert "no such scenario" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("samba") is not None, reason="can be built here")
def test_what_is_missing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path), "honest_backup"]) == 2
    assert capsys.readouterr().err


@pytest.mark.long
@pytest.mark.skipif(not BUILT, reason="needs root and the packages that benchmarks.quality.lab.domain names")
def test_a_domain_is_built_and_worked_in(tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path), "honest_folder_cleared"]) == 0
    day, cleared = tmp_path / "quiet-hours", tmp_path / "honest_folder_cleared"
    assert (day / "packets.pcap").stat().st_size > 1_000_000
    assert b"unlinkat|ok" in (cleared / "logs/fs1-syslog").read_bytes()
    assert b"NT_STATUS_WRONG_PASSWORD" in (day / "logs/dc1-auth_json_audit.log").read_bytes()
    truth = json.loads((cleared / "scene.json").read_text())
    assert truth["by"] == []
    assert truth["end"] > json.loads((day / "scene.json").read_text())["end"]
