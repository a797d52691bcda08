"""Certificates that Zeek wrote to x509.log beside its ssl.log, which since Zeek 4.1 names their fingerprints only."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

import orjson

from pipeline.errors import UsageError
from pipeline.ingest.format import Bad, Fields, Item
from pipeline.ingest.streams import open_stream
from pipeline.ingest.times import any_ts

MOST = 200_000
"""Certificates kept of one folder, some 300 bytes each; those beyond are not known."""
_FOLDERS = 4

Reader = Callable[[BinaryIO, str], Iterator[Item | Bad]]


class Certificate(NamedTuple):
    """What a handshake's event says of a certificate."""

    subject: str | None
    issuer: str | None
    ends: float | None
    """Seconds since 1970-01-01 UTC."""


def certificates_beside(path: Path, read: Reader) -> Mapping[str, Certificate]:
    """Fingerprint (before Zeek 4.1: id of the file) → certificate, of every x509 log in the folder of `path`.

    `read` is the reader of such a log.
    A log that cannot be read gives none: it is told where it is read itself.
    """
    try:
        logs = sorted(p for p in path.parent.glob("x509*") if p.is_file())
        return _of_logs(tuple((p, p.stat().st_size) for p in logs), read)
    except OSError:
        return {}


@lru_cache(maxsize=_FOLDERS)
def _of_logs(logs: tuple[tuple[Path, int], ...], read: Reader) -> Mapping[str, Certificate]:
    found: dict[str, Certificate] = {}
    for path, _ in logs:
        try:
            with open_stream(path, []) as stream:
                stream.peek(1)
                for item in read(stream, path.name):
                    if len(found) >= MOST:
                        return found
                    if isinstance(item, Item):
                        _note(item.fields, found)
        except (OSError, UsageError):
            continue
    return found


def _note(fields: Fields, found: dict[str, Certificate]) -> None:
    row = orjson.loads(fields.get("detail") or "{}")
    name, subject = row.get("fingerprint") or row.get("id"), row.get("certificate.subject")
    if isinstance(name, str) and isinstance(subject, str):
        issuer, ends = row.get("certificate.issuer"), row.get("certificate.not_valid_after")
        found[name] = Certificate(subject, issuer if isinstance(issuer, str) else None, any_ts(ends))


def complete(fields: Fields, known: Mapping[str, Certificate], name: str) -> None:
    """Adds what is known of the server's certificate to the fields of a handshake that says nothing of it."""
    certificate = known.get(name)
    if certificate is None or fields.get("subject"):
        return
    fields["subject"], fields["issuer"] = certificate.subject, certificate.issuer
    if fields.get("validation"):
        return
    if certificate.subject == certificate.issuer:
        fields["validation"] = "self signed certificate"
    elif certificate.ends is not None and certificate.ends < fields["ts"]:
        fields["validation"] = "certificate has expired"
