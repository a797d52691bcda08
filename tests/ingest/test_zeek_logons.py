"""Zeek's logs in which somebody logs on, among other things: what of them is a log-on, and what is not kept."""

import json
from pathlib import Path
from typing import Any

import pytest
from ingested import events

CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "radius",
        {"id.orig_h": "10.0.0.9", "username": "nurse7", "mac": "203.0.113.9", "result": "failed", "reply_msg": "no"},
        {"kind": "auth", "user": "nurse7", "src_ip": "203.0.113.9", "server": "10.0.0.9", "outcome": "failure"},
    ),
    (
        "mysql",
        {"cmd": "login", "arg": "root", "success": False, "response": "Access denied"},
        {"kind": "auth", "user": "root", "outcome": "failure", "error": "Access denied", "service": "mysql"},
    ),
    (
        "mysql",
        {"cmd": "query", "arg": "select name from patients", "success": True, "rows": 7},
        {"kind": "other", "detail": '{"cmd":"query","success":true,"rows":7}'},
    ),
    (
        "postgresql",
        {"user": "etl", "database": "ward", "frontend": "startup", "backend": "auth_ok", "success": True},
        {"kind": "auth", "user": "etl", "target": "ward", "outcome": "success"},
    ),
    (
        "postgresql",
        {"frontend": "simple_query", "frontend_arg": "select 1", "success": True},
        {"kind": "other", "detail": '{"frontend":"simple_query","success":true}'},
    ),
    ("redis", {"cmd.name": "AUTH", "success": False}, {"kind": "auth", "outcome": "failure", "service": "redis"}),
    (
        "redis",
        {"cmd.name": "SET", "cmd.key": "patient:7", "cmd.value": "x", "success": True},
        {"kind": "other", "detail": '{"cmd.name":"SET","success":true}'},
    ),
    ("rfb", {"authentication_method": "VNC", "auth": False}, {"kind": "auth", "request_type": "VNC", "service": "vnc"}),
    (
        "ldap",
        {"opcode": "bind simple", "object": "cn=a", "result": "invalid credentials", "argument": "REDACTED"},
        {"kind": "auth", "user": "cn=a", "outcome": "failure", "error": "invalid credentials"},
    ),
    ("ldap", {"opcode": "bind SASL", "result": "success"}, {"kind": "other", "service": "ldap"}),
    (
        "sip",
        {"method": "REGISTER", "status_code": 403, "status_msg": "no", "request_to": "<sip:4711@h.example>"},
        {"kind": "auth", "user": "4711", "outcome": "failure", "error": "403 no"},
    ),
    ("sip", {"method": "REGISTER", "status_code": 401}, {"kind": "other", "name": "sip"}),
    (
        "socks",
        {"user": "nurse7", "password": "x", "status": "succeeded", "request.name": "in.example"},
        {"kind": "auth", "user": "nurse7", "outcome": "success", "target": "in.example"},
    ),
]


@pytest.mark.parametrize(("log", "row", "expected"), CASES)
def test_what_a_row_becomes(tmp_path: Path, log: str, row: dict[str, Any], expected: dict[str, Any]) -> None:
    (one,) = events(tmp_path, "x.log", json.dumps({"_path": log, "ts": 10.0, **row}))
    assert expected.items() <= one.items()
