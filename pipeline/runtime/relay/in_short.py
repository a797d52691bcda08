"""What log-ons and contacts are given on with: the few fields that another key needs, in documents of our own."""

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.features.addresses import INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.documents import Documents
from pipeline.features.where import address_kind
from pipeline.runtime.relay.logons import CHANGES
from pipeline.runtime.relay.onward import PLAIN, Onward, groups_of, quoted
from schemas.account import account_of

_OF_LOGONS = (
    "event_id", "format", "action", "outcome", "method", "event_code", "user", "target_user", "domain", "host",
    "program", "src_ip", "src_host",
)  # fmt: skip
_USER, _TARGET = _OF_LOGONS.index("user"), _OF_LOGONS.index("target_user")
_OF_CONTACTS = ("event_id", "format", "src_ip", "dst_ip", "host")
_ADDRESS, _NAME = _OF_CONTACTS.index("dst_ip"), _OF_CONTACTS.index("host")


def of_accounts(batch: Batch, groups: int, given: Mapping[int, bytes]) -> Onward:
    """Rows of `logs` with their further fields, under the account's key."""
    rows = np.fromiter(given, np.int64, len(given))
    texts = _texts(batch, rows, _OF_LOGONS)
    changed = batch.is_in("action", CHANGES)[rows].tolist()
    keys = [
        account_of(row[_TARGET if change else _USER].decode()).encode()
        for row, change in zip(texts, changed, strict=True)
    ]
    heads = [b'{"ts":%r,"kind":"auth","account":%b' % (ts, quoted(key))
             for ts, key in zip(batch.ts[rows].tolist(), keys, strict=True)]  # fmt: skip
    return _given("accounts", groups, keys, heads, (_OF_LOGONS, texts), _number(batch, rows, "logon_type"), given)


def of_contacts(batch: Batch, groups: int, given: Mapping[int, bytes]) -> Onward:
    """Rows of `network` with their further fields, under the destination's key."""
    rows = np.fromiter(given, np.int64, len(given))
    texts = _texts(batch, rows, _OF_CONTACTS)
    inside, ports = (address_kind(batch, "dst_ip")[rows] == INTERNAL).tolist(), batch.number("dst_port")[rows].tolist()
    keys = [
        b"%b %d" % (row[_NAME] or row[_ADDRESS], port) if within and port == port else row[_NAME] or row[_ADDRESS]
        for row, within, port in zip(texts, inside, ports, strict=True)
    ]
    heads = [b'{"ts":%r,"kind":"contact","destination":%b' % (ts, quoted(key))
             for ts, key in zip(batch.ts[rows].tolist(), keys, strict=True)]  # fmt: skip
    return _given("contacts", groups, keys, heads, (_OF_CONTACTS, texts), _number(batch, rows, "dst_port"), given)


def _texts(batch: Batch, rows: np.ndarray, names: Sequence[str]) -> list[tuple[bytes, ...]]:
    """Text of each field, row by row; empty where unknown. Those of a column are laid end to end first: slices of
    arrays cost more than all the rest, and a copy of the whole batch more than a tenth of its rows."""
    columns = []
    for name in names:
        start, length = (column[rows] for column in batch.spans(name))
        columns.append(list(Documents.cut(batch.data, start, start + np.maximum(length, 0))))
    return list(zip(*columns, strict=True))


def _number(batch: Batch, rows: np.ndarray, name: str) -> list[bytes]:
    """A whole number as a field, row by row; nothing where unknown."""
    return [
        b',"%b":%d' % (name.encode(), value) if value == value else b"" for value in batch.number(name)[rows].tolist()
    ]


def _given(
    source: str,
    groups: int,
    keys: list[bytes],
    heads: list[bytes],
    fields: tuple[Sequence[str], list[tuple[bytes, ...]]],
    numbers: list[bytes],
    given: Mapping[int, bytes],
) -> Onward:
    names = [f',"{name}":'.encode() for name in fields[0]]
    documents = []
    for head, texts, number, further in zip(heads, fields[1], numbers, given.values(), strict=True):
        if PLAIN(b"".join(texts)) is None:
            texts = tuple(quoted(text)[1:-1] for text in texts)
        own = [b'%b"%b"' % (name, text) for name, text in zip(names, texts, strict=True) if text]
        documents.append(b"".join((head, *own, number, further, b"}")))
    return Onward(source, groups_of(keys, groups), keys, documents)
