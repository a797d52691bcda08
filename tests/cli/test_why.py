"""Why a chart was opened: in sentences, by the hospital's own identifiers, from a folder that scan wrote."""

import json
from pathlib import Path

import pytest
from cli.commands import environment, one_line, wardwatch

START = 1_700_000_000.0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], str]:
    """One patient with an order, two who looked, and a day after."""
    folder = tmp_path_factory.mktemp("why")
    env = environment(folder / "data")
    base = {"format": "test", "patient": "MRN1"}
    access = base | {"kind": "access", "action": "read", "resource": "Observation"}
    seen = [
        base | {"ts": START, "kind": "encounter", "status": "in-progress", "department": "Medicine",
                "practitioners": ["u1"], "start_ts": START, "resource_id": "e77", "encounter": "e77"},
        access | {"ts": START + 60, "user": "u1", "role": "nurse", "department": "Medicine"},
        access | {"ts": START + 120, "user": "u2", "role": "clerk", "department": "Archive"},
    ]  # fmt: skip
    lines = [json.dumps(event | {"event_id": f"e{i}"}) for i, event in enumerate(seen)]
    (folder / "events.jsonl").write_text("\n".join(lines) + "\n")
    db = str(folder / "db")
    ran = wardwatch("scan", str(folder / "events.jsonl"), "--db", db, env=env)
    assert ran.status == 0, ran.err
    return env, db


def test_every_access_has_its_reason(place: tuple[dict[str, str], str]) -> None:
    env, db = place
    ran = wardwatch("why", "--db", db, "--patient", "MRN1", env=env)
    assert ran.status == 0, ran.err
    second, first = ran.out.splitlines()
    assert (
        "u1 (nurse, Medicine) read Observation of p~" in first
        and "was, in their care or their department [e77]" in first
    )
    assert "u2 (clerk, Archive)" in second and second.endswith("NO REASON FOUND")
    assert "MRN1" not in ran.out


def test_by_user_and_as_json(place: tuple[dict[str, str], str]) -> None:
    env, db = place
    ran = wardwatch("why", "--db", db, "--unexplained", "--json", env=env)
    (row,) = map(json.loads, ran.out.splitlines())
    assert (row["user"], row["reason"], row["strength"]) == ("u2", "none", 0)
    again = wardwatch("why", "--db", db, "--user", "u2", "--patient", row["patient"], env=env)
    assert len(again.out.splitlines()) == 1


def test_messages_of_the_house_give_the_reason(tmp_path: Path) -> None:
    """Who attends the stay of an HL7 message is in care of the patient, under the numbers that the message uses."""
    env = environment(tmp_path / "data")
    told = ["MSH|^~\\&|EPR||||20231114221300||ADT^A01|1|P|2.5", "PID|1||MRN7^^^H^MR",
            "PV1|1|I|WARD3||||55^Attend|||||||||||S|V9"]  # fmt: skip
    (tmp_path / "feed.hl7").write_text("\r".join(told) + "\r")
    access = {"kind": "access", "format": "test", "patient": "MRN7", "action": "read"}
    seen = [access | {"event_id": f"a{u}", "ts": START + 60, "user": u, "department": w}
            for u, w in (("55", "Medicine"), ("90", "WARD3"), ("91", "Archive"))]  # fmt: skip
    (tmp_path / "seen.jsonl").write_text("".join(json.dumps(event) + "\n" for event in seen))
    db = str(tmp_path / "db")
    ran = wardwatch("scan", str(tmp_path / "feed.hl7"), str(tmp_path / "seen.jsonl"), "--db", db, env=env)
    assert ran.status == 0, ran.err
    rows = map(json.loads, wardwatch("why", "--db", db, "--patient", "MRN7", "--json", env=env).out.splitlines())
    assert {row["user"]: row["reason"] for row in rows} == {"55": "encounter", "90": "encounter", "91": "none"}


def test_nothing_found_says_so(place: tuple[dict[str, str], str]) -> None:
    env, db = place
    ran = wardwatch("why", "--db", db, "--user", "nobody' OR 1=1", env=env)
    assert (ran.status, ran.out) == (0, "") and "no judged access" in ran.err


def test_wrong_questions_are_refused(place: tuple[dict[str, str], str], tmp_path: Path) -> None:
    env, db = place
    assert wardwatch("why", "--db", db, env=env).status == 2
    assert wardwatch("why", "--db", str(tmp_path), "--user", "u1", env=env).status == 2
    assert wardwatch("why", "--db", db, "--user", "u1", "--limit", "0", env=env).status == 2
    ran = wardwatch("why", "--db", db, "--patient", "MRN1", env=environment(tmp_path / "none"))
    assert ran.status != 0 and "pseudonym key" in ran.err and one_line(ran)
