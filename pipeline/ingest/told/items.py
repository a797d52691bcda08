"""The last step of lines in whatever log: what they tell decides what they are: logon, request, flow, name or line."""

import re
from collections.abc import Iterator

from pipeline.ingest.carried import carried_item, object_in
from pipeline.ingest.format import Bad, Fields, Item
from pipeline.ingest.samba.lines import told_logon_of_samba
from pipeline.ingest.samba.records import samba_fields
from pipeline.ingest.samba.shares import PROGRAM, told_share_act
from pipeline.ingest.told.alerts import told_alert
from pipeline.ingest.told.auth_lines import address_in, auth_events
from pipeline.ingest.told.care import LEFT_OUT, of_a_person
from pipeline.ingest.told.completed import completed
from pipeline.ingest.told.flows import told_flow
from pipeline.ingest.told.json_fields import USERS, Row, flat, json_request, pick, source
from pipeline.ingest.told.json_logons import json_logon
from pipeline.ingest.told.json_network import json_network
from pipeline.ingest.told.json_processes import json_process
from pipeline.ingest.told.names import told_name
from pipeline.ingest.told.pairs import FEWEST, has_pairs, pairs_in
from pipeline.ingest.told.requests import told_request
from pipeline.ingest.told.threats import threat

_OBJECT = re.compile(r"[{<]")
"""Where a record of JSON or XML begins in a line."""
_PEERS = frozenset(("sshd", "sshd-session", "ftpd", "vsftpd", "proftpd", "dovecot", "telnetd", "xinetd"))


def told_items(fields: Fields, position: str, raw: bytes) -> Iterator[Item | Bad]:
    """Events of a line with `ts`, `format`, `message` and what its head said; a sensor's record that it carries."""
    inner = object_in(fields["message"])
    program, host = (fields.get("program") or "").rpartition("/")[2], fields.get("host") or ""
    carried = carried_item(inner, program, position, raw, host) if inner else None
    if carried:
        yield carried
        return
    told = told_logon_of_samba(fields["message"])
    if told:
        yield Item("logs", samba_fields("Authentication", told, fields["ts"], host), position, raw)
        return
    if inner and of_a_person(inner, flat(inner), fields["ts"]):
        fields, inner = {**fields, "message": _OBJECT.split(fields["message"], 1)[0] + LEFT_OUT}, None
    yield from line_items(fields, position, raw, inner)


def line_items(fields: Fields, position: str, raw: bytes, inner: Row | None = None) -> Iterator[Item]:
    """The same of a line that is known to carry no sensor's record; one event for each time it was repeated.

    `inner`: a record of anybody else that the line holds.
    """
    message = fields["message"]
    bare = (fields.get("program") or "").rpartition("/")[2]
    if bare == PROGRAM:  # names of files may say anything: nothing else is looked for in them
        yield _share_item(fields, position, raw)
        return
    auths = auth_events(bare, message)
    for part, auth in enumerate(auths):
        yield Item("logs", {**fields, **auth, "kind": "auth"}, position, raw, part)
    if auths:
        return
    # A guard of web servers tells the request that passed, or was stopped, in pairs; as a flow it would lose its words.
    # So does one that saw a question for a name.
    worded = "ethod=" in message or "uery" in message or "qname=" in message or "url=" in message
    record: Row = completed(pairs_in(message)) if worded and has_pairs(message) else {}
    asked = json_network(record) if record else None
    http = asked if asked and asked["kind"] in ("http", "dns") else None
    seen = told_alert(message) or http or told_flow(bare, message) or told_name(message)
    if seen:
        yield Item("network", {"ts": fields["ts"], "format": fields["format"], **seen}, position, raw)
        return
    request = told_request(message)
    row: Row = {}
    if inner:
        row = completed(flat(inner))
    elif not request and has_pairs(message) and "audit(" not in message:
        row = record or completed(pairs_in(message))
    if len(row) >= FEWEST:
        seen = json_network(row)
        if seen:
            yield Item("network", {"ts": fields["ts"], "format": fields["format"], **seen}, position, raw)
            return
        request = json_logon(row) or json_process(row) or json_request(row)
        user, address = pick(row, USERS), source(row)
        fields["user"] = fields.get("user") or (user if isinstance(user, str) else None)
        fields["src_ip"] = fields.get("src_ip") or address
        found = threat(row)
        if found and not request:
            fields |= found | {"message": f"{message} ({found['message']})"}
    fields.update(request or {"kind": "line"})
    if bare in _PEERS and "src_ip" not in fields:
        fields["src_ip"] = address_in(message)
    yield Item("logs", fields, position, raw)


def _share_item(fields: Fields, position: str, raw: bytes) -> Item:
    act = told_share_act(fields["message"], fields.get("host") or "")
    if act:
        return Item("network", {"ts": fields["ts"], "format": fields["format"], **act}, position, raw)
    return Item("logs", {**fields, "kind": "line"}, position, raw)
