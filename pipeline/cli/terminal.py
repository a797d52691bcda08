"""What surrounds a command, made usable: streams of any encoding, any time zone, Ctrl-C at any place."""

import _thread
import codecs
import os
import sys
import threading
import time
from io import TextIOWrapper
from zoneinfo import ZoneInfo

_AGAIN_S = 0.2
_LOST = threading.Event()


def interrupt_was_lost() -> bool:
    """Whether Ctrl-C struck where no exception can be raised; an error behind it is its trace."""
    return _LOST.is_set()


def prepare() -> None:
    """Once, before a command runs."""
    codecs.register_error("wardwatch", _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="wardwatch")
    _use_known_zone()
    sys.unraisablehook = _unraisable


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


def _unraisable(lost: "sys.UnraisableHookArgs") -> None:
    """Ctrl-C in a callback of the compiler is lost there, and what it left is an error elsewhere: said again."""
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)
        return
    _LOST.set()
    again = threading.Timer(_AGAIN_S, _thread.interrupt_main)  # should nothing fail
    again.daemon = True
    again.start()
