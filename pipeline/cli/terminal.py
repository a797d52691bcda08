"""What surrounds a command, made usable: streams of any encoding, any time zone."""

import codecs
import os
import sys
import time
from io import TextIOWrapper
from zoneinfo import ZoneInfo


def prepare() -> None:
    """Once, before a command runs."""
    codecs.register_error("wardwatch", _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="wardwatch")
    _use_known_zone()


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """What an encoding lacks as JSON writes it, so that documents stay documents."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    raw = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{raw[at : at + 2].hex()}" for at in range(0, len(raw), 2)), error.end


def _use_known_zone() -> None:
    """The database engine does not start in a zone that it does not know. All times are told in UTC anyway."""
    name = os.environ.get("TZ", "").removeprefix(":")
    if not name or name.startswith("/"):
        return
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        os.environ["TZ"] = "UTC"
        time.tzset()
