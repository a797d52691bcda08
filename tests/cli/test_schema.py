"""Writing and checking the published descriptions."""

from pathlib import Path

from cli.running import Command

from schemas.publish import published


def test_write_and_check(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert f"{len(published())} files written" in command("schema", "--out", out).out
    assert "up to date" in command("schema", "--out", out).out
    assert command("schema", "--out", out, "--check").status == 0
    (out / "clickhouse.sql").write_text("-- old")
    ran = command("schema", "--out", out, "--check")
    assert (ran.status, ran.out) == (1, "clickhouse.sql\n")
    assert "run wardwatch schema" in ran.err
    assert (out / "clickhouse.sql").read_text() == "-- old"


def test_the_committed_ones_are_current(command: Command) -> None:
    assert command("schema", "--check").status == 0


def test_wrong_folders_are_one_line(command: Command, tmp_path: Path) -> None:
    assert command("schema", "--check", "--out", tmp_path / "nosuch").status == 2
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", "/proc/nosuch"):
        ran = command("schema", "--out", folder)
        assert ran.status == 2
        assert "choose another folder" in ran.error
    assert command("schema", "more").status == 2
