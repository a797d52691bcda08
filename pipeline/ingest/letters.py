"""Makes dead letters: the form of a refused record, without its content where that may be a patient's."""

import hashlib
import re

from pipeline.ingest.format import Bad
from schemas.dead_letter import EXCERPT_BYTES, DeadLetter

_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")


def masked(text: str) -> str:
    """Letters become x and digits 9; punctuation and white space stay, so that the form can be seen.

    >>> masked("MRN|00123^Doe")
    'xxx|99999^xxx'
    """
    return _DIGIT.sub("9", _LETTER.sub("x", text))


def _text(value: str) -> str:
    """What any field of the document takes; a record may have named its format itself."""
    return value.encode("utf-8", "replace").decode()[:1024]


def dead_letter(source: str, bad: Bad, *, mask: bool = True) -> DeadLetter:
    """The document for `bad`, read from `source`. `mask` false shows the excerpt as it stands."""
    excerpt = bad.raw[:EXCERPT_BYTES].decode("utf-8", "backslashreplace")
    digest = hashlib.sha256(bad.raw).hexdigest()
    identity = "\x00".join((source, bad.position, digest))
    return DeadLetter(
        source=source,
        position=_text(bad.position),
        format=_text(bad.format),
        reason=_text(bad.reason),
        excerpt=masked(excerpt) if mask and bad.sensitive else excerpt,
        size_bytes=len(bad.raw),
        sha256=digest,
        letter_id=hashlib.blake2b(identity.encode(), digest_size=10).hexdigest(),
    )
