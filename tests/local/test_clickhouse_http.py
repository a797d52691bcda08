"""The protocol itself, as curl and browsers speak it."""

import base64
import gzip
import http.client
import json
import os
import signal
import socket
import threading
import time
import zlib
from pathlib import Path

import cramjam
import pytest

from pipeline.errors import LocalServiceError
from pipeline.local.clickhouse import LocalClickHouse
from pipeline.local.clickhouse_server import main
from pipeline.local.service_folder import free_port
from tests.local.conftest import Call, ask

pytestmark = pytest.mark.servers


@pytest.fixture
def table(http: Call) -> str:
    assert http(b"CREATE OR REPLACE TABLE notes (id UInt64, text String) ENGINE = MergeTree ORDER BY id").status == 200
    return "notes"


def test_endpoints(clickhouse: LocalClickHouse) -> None:
    connection = http.client.HTTPConnection(clickhouse.host, clickhouse.port)
    for method, path in (("GET", "/"), ("GET", "/ping"), ("GET", "/replicas_status")):
        connection.request(method, path)
        assert connection.getresponse().read() == b"Ok.\n"
    connection.request("HEAD", "/")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")
    connection.request("GET", "/elsewhere")
    assert connection.getresponse().status == 404
    connection.close()


def test_forms_of_a_query(http: Call) -> None:
    assert http(query="SELECT 1").body == b"1\n"
    assert http(b"SELECT 2;").body == b"2\n"
    assert http(b"1 + 2", query="SELECT").body == b"3\n"
    assert http(query="SELECT 1 AS x FORMAT JSONEachRow").body == b'{"x":1}\n'
    assert http(b"SELECT 1 AS x", default_format="JSONEachRow").body == b'{"x":1}\n'
    assert http(b"SELECT 1 AS x", {"X-ClickHouse-Format": "CSVWithNames"}).body == b'"x"\n1\n'
    assert json.loads(http(b"SELECT 1 AS x FORMAT JSON SETTINGS max_threads = 1").body)["data"] == [{"x": 1}]
    assert http(b"SELECT name FROM tables LIMIT 0 -- FORMAT JSON", database="system").body == b""
    assert http(b"SELECT {a:UInt8} + 1", param_a=1).body == b"2\n"
    assert http(b"SELECT number FROM numbers(3)", wait_end_of_query=1).body == b"0\n1\n2\n"


def test_headers(http: Call) -> None:
    headers = http(query="SELECT 1", query_id="abc", default_format="CSV").headers
    assert headers["X-ClickHouse-Query-Id"] == "abc"
    assert headers["X-ClickHouse-Format"] == "CSV"
    assert headers["X-ClickHouse-Server-Display-Name"] == "wardwatch"
    assert headers["X-ClickHouse-Timezone"]
    assert json.loads(headers["X-ClickHouse-Summary"]) is not None


def test_forms_of_an_insert(http: Call, table: str) -> None:
    insert = f"INSERT INTO {table} "
    assert http(b'{"id":1,"text":"a"}\n{"id":2}', query=insert + "FORMAT JSONEachRow").status == 200
    assert http(f"{insert} (id, text) VALUES (3, concat('x', 'FORMAT CSV')), (4, 'y')".encode()).status == 200
    assert http(f"{insert}FORMAT TSV\n5\tSELECT\n".encode()).status == 200
    assert http(f"{insert}SELECT number + 6, 's' FROM numbers(2)".encode()).status == 200
    reply = http(b"8\tz\n", query=f"/* a FORMAT b */ {insert} (id, text) FORMAT TSV")
    assert json.loads(reply.headers["X-ClickHouse-Summary"])["written_rows"] == "1"
    assert (
        http(f"SELECT groupArray(id) FROM (SELECT id FROM {table} ORDER BY id)".encode()).body == b"[1,2,3,4,5,6,7,8]\n"
    )
    assert http(f"SELECT text FROM {table} WHERE id = 3".encode()).body == b"xFORMAT CSV\n"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd", "lz4", "br"])
def test_content_codings_both_ways(http: Call, table: str, coding: str) -> None:
    code = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": cramjam.zstd.compress}
    decode = {"gzip": gzip.decompress, "deflate": zlib.decompress, "zstd": cramjam.zstd.decompress}
    code |= {"lz4": cramjam.lz4.compress, "br": lambda plain: cramjam.brotli.compress(plain, 3)}
    decode |= {"lz4": cramjam.lz4.decompress, "br": cramjam.brotli.decompress}
    rows = b"".join(b"%d\trow %d\n" % (n, n) for n in range(150_000))  # more than one piece of 1 MB
    body = bytes(code[coding](rows))
    assert http(body, {"Content-Encoding": coding}, query=f"INSERT INTO {table} FORMAT TSV").status == 200
    reply = http(f"SELECT * FROM {table} ORDER BY id".encode(), {"Accept-Encoding": coding}, enable_http_compression=1)
    assert reply.headers["Content-Encoding"] == coding
    assert bytes(decode[coding](reply.body)) == rows
    broken = http(body[: len(body) // 2], {"Content-Encoding": coding}, query=f"INSERT INTO {table} FORMAT TSV")
    assert broken.status != 200
    assert http(f"SELECT count() FROM {table}".encode()).body == b"150000\n"


def test_errors_have_status_code_and_name(http: Call) -> None:
    for sql, status, code, name in (
        ("SELECT * FROM nowhere", 404, "60", "UNKNOWN_TABLE"),
        ("SELEC 1", 400, "62", "SYNTAX_ERROR"),
        ("SELECT 1; SELECT 2", 400, "62", "SYNTAX_ERROR"),
        ("SELECT toInt8('x')", 400, "6", "CANNOT_PARSE_TEXT"),
        ("SELECT 1 FORMAT Nope", 404, "73", "UNKNOWN_FORMAT"),
        ("SELECT 1 INTO OUTFILE '/tmp/x'", 500, "348", "INTO_OUTFILE_NOT_ALLOWED"),
        ("SELECT sleepEachRow(1) FROM numbers(3) SETTINGS max_execution_time = 1", 408, "159", "TIMEOUT_EXCEEDED"),
        ("CREATE TEMPORARY TABLE x (a UInt8)", 501, "48", "NOT_IMPLEMENTED"),
        ("INSERT INTO nowhere VALUES (1)", 404, "60", "UNKNOWN_TABLE"),
    ):
        reply = http(sql.encode())
        assert (reply.status, reply.headers["X-ClickHouse-Exception-Code"]) == (status, code), sql
        assert reply.body.startswith(f"Code: {code}. DB::Exception: ".encode())
        assert name.encode() in reply.body
    assert http(b"").status == 400
    assert http(b"SELECT 1", no_such_setting=1).headers["X-ClickHouse-Exception-Code"] == "115"
    assert http(b"SELECT 1", max_execution_time="soon").headers["X-ClickHouse-Exception-Code"] == "36"


def test_get_reads_only(http: Call, table: str) -> None:
    for sql in (f"DROP TABLE {table}", f"INSERT INTO {table} VALUES (1, 'x')", "SET max_threads = 1"):
        assert http(query=sql).headers["X-ClickHouse-Exception-Code"] == "164"
    assert http(query="SELECT * FROM url('http://127.0.0.1:9/', 'CSV', 'a UInt8')").status == 403


def test_credentials(http: Call) -> None:
    basic = base64.b64encode(b"reader:").decode()
    for headers, query in (
        ({"X-ClickHouse-User": "reader", "X-ClickHouse-Key": ""}, {}),
        ({"Authorization": f"Basic {basic}"}, {}),
        ({}, {"user": "reader", "password": ""}),
    ):
        assert http(b"SELECT 1", headers, **query).status == 200
        assert http(b"CREATE DATABASE d", headers, **query).status == 500
    assert http(b"SELECT 1", {"X-ClickHouse-User": "root"}).status == 403


def test_other_web_pages_and_names_are_refused(http: Call, clickhouse: LocalClickHouse) -> None:
    assert http(b"SELECT 1", {"Origin": "http://elsewhere.example"}).status == 403
    assert http(b"SELECT 1", {"Origin": "null"}).status == 403
    assert http(None, {"Sec-Fetch-Site": "cross-site"}, query="SELECT 1").status == 403
    assert http(b"SELECT 1", {"Origin": clickhouse.url}).status == 200
    assert http(b"SELECT 1", {"Host": "rebound.example"}).status == 403
    assert http(b"SELECT 1", {"Host": f"localhost:{clickhouse.port}"}).status == 200


def test_a_body_that_breaks_off_commits_nothing(clickhouse: LocalClickHouse, http: Call, table: str) -> None:
    head = f"POST /?query=INSERT+INTO+{table}+FORMAT+TSV HTTP/1.1\r\nHost: {clickhouse.host}\r\n"
    rows = b"".join(b"%d\tx\n" % n for n in range(300_000))
    for framing in (
        f"Content-Length: {len(rows) + 1}\r\n\r\n",
        f"Transfer-Encoding: chunked\r\n\r\n{len(rows):x}\r\n",
    ):
        with socket.create_connection((clickhouse.host, clickhouse.port)) as raw:
            raw.sendall((head + framing).encode() + rows)
            time.sleep(0.2)
    assert http(f"SELECT count() FROM {table}".encode()).body == b"0\n"
    assert http(b"SELECT 1").body == b"1\n"


def test_results_left_early_free_their_places(clickhouse: LocalClickHouse, http: Call) -> None:
    sql = b"SELECT number FROM numbers(1000000000) FORMAT Native"
    request = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(sql), sql)
    for _ in range(40):  # more than the server runs at once
        with socket.create_connection((clickhouse.host, clickhouse.port)) as raw:
            raw.sendall(request)
            assert raw.recv(1000).startswith(b"HTTP/1.1 200")
    assert http(b"SELECT 1").body == b"1\n"


def test_multipart_form(http: Call) -> None:
    form = b'--b\r\nContent-Disposition: form-data; name="query"\r\n\r\nSELECT {a:UInt8}\r\n--b\r\n'
    form += b'Content-Disposition: form-data; name="param_a"\r\n\r\n7\r\n--b--\r\n'
    assert http(form, {"Content-Type": "multipart/form-data; boundary=b"}).body == b"7\n"


def test_sigterm_lets_a_running_insert_finish_and_tables_survive(tmp_path: Path) -> None:
    port = free_port()
    with LocalClickHouse(tmp_path, port=port) as server:
        ask(server.url, b"CREATE TABLE t (id UInt64) ENGINE = MergeTree ORDER BY id")
        connection = http.client.HTTPConnection(server.host, server.port)
        connection.putrequest("POST", "/?query=INSERT+INTO+t+FORMAT+TSV")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()

        def send(rows: int) -> None:
            data = b"1\n" * rows
            connection.send(b"%x\r\n%s\r\n" % (len(data), data))

        send(600_000)
        time.sleep(0.3)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGTERM)
        time.sleep(0.3)
        send(400_000)
        connection.send(b"0\r\n\r\n")
        assert connection.getresponse().status == 200
        connection.close()
    with LocalClickHouse(tmp_path, port=port) as server:
        assert ask(server.url, b"SELECT count() FROM t").body == b"1000000\n"


def test_passwords_and_exposure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("WARDWATCH_CLICKHOUSE_PASSWORD", raising=False)
    remote = ["--data", str(tmp_path), "--host", "0.0.0.0", "--port", str(free_port())]  # noqa: S104 - must be refused
    assert main(remote) == 1
    assert main([*remote, "--allow-remote"]) == 1
    said = capsys.readouterr().err
    assert "is not loopback" in said
    assert "set WARDWATCH_CLICKHOUSE_PASSWORD" in said
    monkeypatch.setenv("WARDWATCH_CLICKHOUSE_PASSWORD", "open sesame")
    with LocalClickHouse(tmp_path, port=free_port()) as server:
        assert ask(server.url, b"SELECT 1").status == 403
        assert ask(server.url, b"SELECT 1", user="default", password="wrong").status == 403
        assert ask(server.url, b"SELECT 1", user="default", password="open sesame").status == 200
        with pytest.raises(LocalServiceError, match="another server already runs"):
            LocalClickHouse(tmp_path, port=free_port()).start()


def test_port_taken_is_said(tmp_path: Path, clickhouse: LocalClickHouse) -> None:
    with pytest.raises(LocalServiceError, match="is taken"):
        LocalClickHouse(tmp_path, port=clickhouse.port).start()


def test_more_statements_than_places_wait_their_turn(http: Call) -> None:
    answers: list[int] = []
    callers = [threading.Thread(target=lambda: answers.append(http(b"SELECT sleep(0.1)").status)) for _ in range(40)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert answers == [200] * 40
