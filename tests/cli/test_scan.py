"""`wardwatch scan` on files as users have them, good and bad."""

import json
from pathlib import Path

import pytest
from cli.commands import environment, wardwatch
from cli.running import Command

CONN_HEADER = (
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes"
    "\tconn_state\n#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\n"
)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path / "data")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A Zeek log with a vertical port scan, and an auth.log with a password guesser."""
    folder = tmp_path / "logs"
    folder.mkdir()
    flows = [f"{1700000000 + i}.5\tC{i}\t10.9.9.9\t4000\t10.0.0.1\t{20 + i}\ttcp\t-\t0.1\t0\t0\tREJ" for i in range(40)]
    (folder / "conn.log").write_text(CONN_HEADER + "\n".join(flows) + "\n")
    lines = [
        f"2023-11-14T22:{i:02d}:00+00:00 gw sshd[7]: Failed password for root from 198.18.0.9 port 22 ssh2"
        for i in range(40)
    ]
    (folder / "auth.log").write_text("\n".join(lines) + "\n")
    return folder


def test_json_is_one_ocsf_document_a_line_and_nothing_else(logs: Path, env: dict[str, str]) -> None:
    ran = wardwatch("scan", str(logs), "--json", env=env)
    assert ran.status == 0
    alerts = [json.loads(line) for line in ran.out.splitlines()]
    by_detector = {a["finding_info"]["analytic"]["uid"]: a for a in alerts}
    scan = by_detector["network.port_scan"]
    assert (scan["class_uid"], scan["category_uid"], scan["type_uid"]) == (2004, 2, 200401)
    assert {"10.9.9.9", "10.0.0.1"} <= {o["value"] for o in scan["observables"]}
    assert scan["finding_info"]["first_seen_time"] == scan["start_time"] >= 1700000000_000
    assert "10.9.9.9" in scan["message"]
    assert by_detector["logs.auth_brute_force"]["unmapped"]["entity"] == "198.18.0.9"
    assert len({a["finding_info"]["uid"] for a in alerts}) == len(alerts)


def test_the_same_files_give_the_same_alert_ids(logs: Path, env: dict[str, str]) -> None:
    ids = [
        sorted(json.loads(x)["finding_info"]["uid"] for x in wardwatch("scan", p, "--json", env=env).out.splitlines())
        for p in (str(logs), str(logs))
    ]
    assert ids[0] == ids[1] != []


def test_every_record_is_a_row_or_a_dead_letter(logs: Path, env: dict[str, str], tmp_path: Path) -> None:
    with (logs / "conn.log").open("a") as file:
        file.write("not\ta\tconnection\n")
    ran = wardwatch("scan", str(logs), "--db", str(tmp_path / "db"), env=env)
    assert ran.status == 0
    assert "81 records = 80 scored (logs 40, network 40) + 1 dead letters" in ran.err
    counts = "SELECT (SELECT count() FROM scored_events), (SELECT count() FROM dead_letters)"
    assert wardwatch("sql", counts, "--db", str(tmp_path / "db"), "--format", "TSV", env=env).out.split() == ["80", "1"]
    again = wardwatch("scan", str(logs), "--db", str(tmp_path / "db"), env=env)
    assert again.status == 0
    assert wardwatch("sql", counts, "--db", str(tmp_path / "db"), "--format", "TSV", env=env).out.split() == ["80", "1"]


def test_the_copy_of_a_file_adds_nothing(logs: Path, env: dict[str, str], tmp_path: Path) -> None:
    once = wardwatch("scan", str(logs), "--json", env=env).out
    (logs / "conn-again.log").write_bytes((logs / "conn.log").read_bytes())
    ran = wardwatch("scan", str(logs), "--json", env=env)
    assert ran.status == 0
    assert "120 records = 80 scored (logs 40, network 40) + 0 dead letters + 40 copies" in ran.err

    def told(out: str) -> list[tuple[str, int]]:
        alerts = [json.loads(line) for line in out.splitlines()]
        return sorted((a["finding_info"]["uid"], a["count"]) for a in alerts)

    assert told(ran.out) == told(once) != []


def test_scanners_on_the_list_stay_quiet(logs: Path, env: dict[str, str], tmp_path: Path) -> None:
    scanners = tmp_path / "scanners.txt"
    scanners.write_text("10.9.9.9\n")
    ran = wardwatch("scan", str(logs / "conn.log"), "--json", "--list", f"scanners={scanners}", env=env)
    assert ran.status == 0
    assert "network.port_scan" not in ran.out


def test_without_an_alert_nobody_is_sent_to_look_at_some(logs: Path, env: dict[str, str], tmp_path: Path) -> None:
    (logs / "auth.log").write_text("2023-11-14T22:00:00+00:00 gw sshd[7]: Server listening on 10.0.0.1 port 22.\n")
    ran = wardwatch("scan", str(logs / "auth.log"), "--db", str(tmp_path / "db"), env=env)
    assert "0 alerts" in ran.err and "incidents" not in ran.err
    asked = ran.err.partition("wardwatch sql --db ")[2].partition("'")[2].partition("'")[0]
    assert wardwatch("sql", "--db", str(tmp_path / "db"), asked, env=env).status == 0


def test_allowed_alerts_are_hidden_but_kept(logs: Path, env: dict[str, str], tmp_path: Path) -> None:
    allow = tmp_path / "allow.csv"
    allow.write_text("detector,entity,until,owner,reason\nnetwork.port_scan,10.9.9.9,2099-01-01,it,yearly test\n")
    db = str(tmp_path / "db")
    ran = wardwatch("scan", str(logs / "conn.log"), "--json", "--list", f"allow={allow}", "--db", db, env=env)
    assert "network.port_scan" not in ran.out
    kept = wardwatch("sql", "SELECT detector, status FROM alerts", "--db", db, "--format", "TSV", env=env).out
    assert "network.port_scan\tSuppressed" in kept
    asked = (
        "SELECT detector, entity, hidden_by, owner, reason, until, list_version = (SELECT version FROM current_lists)"
        " FROM hidden_alerts WHERE hidden_by = 'allow-list'"
    )
    hidden = wardwatch("sql", asked, "--db", db, "--format", "TSV", env=env).out
    assert hidden == "network.port_scan\t10.9.9.9\tallow-list\tit\tyearly test\t2099-01-01\t1\n"


def test_patients_are_pseudonyms_unless_asked_for(env: dict[str, str], tmp_path: Path) -> None:
    event = {
        "resourceType": "AuditEvent", "recorded": "2024-05-01T10:00:00Z", "action": "R",
        "type": {"code": "rest"}, "source": {"observer": {"display": "ehr"}},
        "agent": [{"requestor": True, "who": {"identifier": {"value": "u0001"}}}],
        "entity": [{"what": {"reference": "Patient/MRN777"}, "type": {"code": "1"}, "role": {"code": "1"}}],
    }  # fmt: skip
    file = tmp_path / "audit.ndjson"
    file.write_text(json.dumps(event) + "\n")
    for choice, shown in (("pseudonyms", False), ("plain", True)):
        db = str(tmp_path / choice)
        assert wardwatch("scan", str(file), "--db", db, "--identifiers", choice, env=env).status == 0
        rows = wardwatch("sql", "SELECT patient, raw FROM scored_events", "--db", db, "--format", "TSV", env=env).out
        assert ("MRN777" in rows) is shown
        assert "u0001" in rows


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scan"], "Missing argument"),
        (["scan", "nowhere.log"], "nowhere.log"),
        (["scan", ".", "--format", "cobol"], "cobol"),
        (["scan", ".", "--list", "vip"], "NAME=FILE"),
        (["scan", ".", "--list", "friends=x"], "friends"),
        (["scan", ".", "--list", "vip=missing.csv"], "missing.csv"),
        (["scan", ".", "--mapping", "missing.yaml"], "missing.yaml"),
        (["scan", ".", "--inventory", "missing.csv"], "missing.csv"),
        (["scan", ".", "--db", "a-file"], "a-file"),
        (["scan", ".", "--nonsense"], "--nonsense"),
        (["nonsense"], "nonsense"),
    ],
)
def test_wrong_use_is_one_line_and_status_2(arguments: list[str], says: str, command: Command, tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("")
    ran = command(*arguments)
    assert ran.status == 2 and says in ran.error


def test_empty_binary_and_piped_input(env: dict[str, str], tmp_path: Path, logs: Path) -> None:
    empty = tmp_path / "empty.log"
    empty.write_text("")
    ran = wardwatch("scan", str(empty), env=env)
    assert (ran.status, ran.out) == (0, "")
    assert "0 records" in ran.err
    binary = tmp_path / "noise.bin"
    binary.write_bytes(bytes(range(256)) * 40)
    ran = wardwatch("scan", str(binary), env=env)
    assert ran.status == 0
    assert "1 records = 0 scored (none) + 1 dead letters" in ran.err
    ran = wardwatch("scan", "-", "--json", env=env, stdin=(logs / "conn.log").read_bytes())
    assert "network.port_scan" in ran.out


def test_records_that_name_no_machine_are_told_and_can_be_given_one(env: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_text(
        'type=EXECVE msg=audit(1764200000.1:7): argc=3 a0="insmod" a1="/tmp/x.ko" a2="-f"\n'
        'type=USER_LOGIN msg=audit(1764200001.1:8): acct="root" res=success\n'
    )
    nameless, named = (wardwatch("scan", str(log), "--json", *more, env=env) for more in ((), ("--host", "pacs-1")))
    entities = [{json.loads(line)["unmapped"]["entity"] for line in ran.out.splitlines()} for ran in (nameless, named)]
    assert entities == [{"unnamed (text)"}, {"pacs-1"}]
    assert "2 log records name no machine and count as one" in nameless.err
    assert "name no machine" not in named.err
