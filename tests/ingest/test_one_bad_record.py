"""One record of a form that nobody thought of costs itself, and never what comes behind it in its file."""

import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ingested import Result, letters, read

from pipeline.ingest.format import Bad, Item, each
from pipeline.ingest.json_records import JsonRecord
from pipeline.ingest.reader import Parsed, read_path

DEEP = "[" * 300 + "]" * 300
CONN = '{"_path":"conn","ts":5.0,"uid":"C1","id.orig_h":"10.0.0.1","conn_state":"SF"}'
SSL = '{"_path":"ssl","ts":5.0,"uid":"C1","id.orig_h":"10.0.0.1","version":"TLSv12","cert_chain_fps":["aa"]}'
EVE = (
    '{"timestamp":"2021-06-06T16:00:00.5+0200","event_type":"smb","src_ip":"10.0.0.1","dest_ip":"10.0.0.2",'
    '"proto":"TCP","smb":{"dcerpc":{"req":{"opnum":12},"interfaces":[{"uuid":"x","ack_result":0}]}}}'
)
LOG = '{"@timestamp":"2024-05-01T10:00:00Z","message":"up","host":{"name":"h1"},"log.level":"warn"}'
LOGON = (
    '{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},"EventID":4625,'
    '"Channel":"Security","Computer":"dc1","TimeCreated":{"#attributes":{"SystemTime":"2024-05-01T10:00:00.5Z"}}},'
    '"EventData":{"Data":[{"@Name":"TargetUserName","#text":"clerk"}]}}}'
)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (CONN, CONN.replace('"SF"', DEEP)),
        (CONN, CONN[:-1] + f',"more":{DEEP}}}'),
        (SSL, SSL.replace('["aa"]', '[["aa"]]')),
        (EVE, EVE.replace('[{"uuid":"x","ack_result":0}]', "1.5")),
        (EVE, EVE.replace('"opnum":12', f'"opnum":{DEEP}')),
        (EVE, EVE.replace('"uuid":"x"', '"service":["x"]')),
        (LOG, LOG[:-1] + f',"data":{DEEP}}}'),
        (LOGON, LOGON.replace('"TargetUserName"', '{"a":1}')),
    ],
)
def test_what_follows_is_read(tmp_path: Path, good: str, bad: str) -> None:
    results = read(tmp_path, "x.json", "\n".join([good, good, bad, good]) + "\n")
    told = [result for result in results if isinstance(result, Parsed)]
    assert len(results) == 4 and len(told) >= 3, results
    assert all("reader failed" not in letter.reason for letter in letters(results))


def test_a_failure_of_ours_costs_one_record() -> None:
    def made(record: JsonRecord) -> Iterator[Item]:
        yield Item("logs", {"ts": 1.0 / record.value}, record.position, record.raw)

    cuts = [JsonRecord(f"line {n}", n, b"%d" % n) for n in (1, 0, 2)] + [Bad("line 4", "no", b"x", "test")]
    found = list(each(cuts, made, "test"))
    assert [type(one) for one in found] == [Item, Bad, Item, Bad]
    assert isinstance(found[1], Bad) and found[1].position == "line 0" and "ZeroDivisionError" in found[1].reason


def test_an_event_may_name_its_format_as_it_likes(tmp_path: Path) -> None:
    events = [{"ts": -1.0, "event_id": "e", "format": "y" * 5000, "kind": "flow"}, {"ts": -1.0} | json.loads(CONN)]
    results = read(tmp_path, "network.jsonl", json.dumps(events[0]) + "\n", format="wardwatch")
    assert len(letters(results)) == len(results) == 1
    assert len(letters(results)[0].format) == 1024


MAIL = "Date: Wed, 01 May 2024 10:00:00 +0000\nFrom: a@a.example\nTo: b@b.example\nSubject: {}\n\nhello\n\n"
MAILBOX = "".join("From a@a.example Wed May  1 10:00:00 2024\n" + MAIL.format(n) for n in ("one", "bad", "two"))
W3C = "#Fields: date time c-ip cs-method cs-uri-stem sc-status\n" + "".join(
    f"2024-05-01 10:00:00 10.0.0.1 GET /{n} 200\n" for n in ("one", "bad", "two")
)


@pytest.mark.parametrize(("content", "where"), [(MAILBOX, "mail.read_message"), (W3C, "w3c._fields")])
def test_a_message_or_request_costs_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, where: str
) -> None:
    place = f"pipeline.ingest.formats.{where}"
    ours = pkgutil.resolve_name(place.rpartition(".")[0] + ":" + where.partition(".")[2])

    def failing(given: Any) -> Any:
        if "bad" in str(given):
            raise ZeroDivisionError
        return ours(given)

    monkeypatch.setattr(place, failing)
    results = read(tmp_path, "x", content)
    assert [type(result) for result in results] == [Parsed, type(letters(results)[0]), Parsed]
    assert "ZeroDivisionError" in letters(results)[0].reason


@pytest.mark.parametrize("name", ["argus", "mail_table", "w3c"])
def test_a_file_of_another_format_than_was_named_is_told(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text("#nothing: of the kind\n" if name == "w3c" else "alpha,beta\n")
    (letter,) = letters(list[Result](read_path(path, format=name)))
    assert letter.position == "file" and name in letter.reason
