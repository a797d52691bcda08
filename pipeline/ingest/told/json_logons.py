"""Logons in JSON records of directories, clouds and sensors: what a field names as one, and how it went."""

import re
from itertools import pairwise
from typing import Any

from pipeline.ingest.format import Fields
from pipeline.ingest.told.json_fields import Row, pick

ACTS = ("eventName", "eventType", "Operation", "ActionType", "operationName", "event_simpleName", "event.action",
        "events.name", "activity_name", "activityDisplayName", "protoPayload.methodName", "activity")  # fmt: skip
"""Where a product names what happened; Amazon's `eventType` only tells what kind of record it is."""
_OUTCOMES = ("responseElements.ConsoleLogin", "resultType", "properties.status.errorCode", "status.errorCode",
             "event.outcome", "outcome.result", "ResultStatus", "status")  # fmt: skip
"""Codes come first: Elastic calls a question for a second factor a failure."""
NAMES = frozenset((*ACTS, *_OUTCOMES))
KNOWN_AS = {"event.action": ACTS, "event.outcome": _OUTCOMES}
SIGN_IN = "status.errorCode"
"""How a log-on ended in Microsoft Graph, whose sign-ins have no other name for themselves."""
_LOGON_WORDS = frozenset(("login", "logon", "signin", "loggedin", "consolelogin", "authentication", "authenticate",
                          "userlogon", "authn"))  # fmt: skip
_LOGON_PAIRS = frozenset((("log", "in"), ("log", "on"), ("logged", "in"), ("logged", "on"), ("sign", "in"),
                          ("signed", "in"), ("signed", "on"), ("session", "start"),
                          *((who, "auth") for who in ("sso", "user", "radius", "vpn", "ldap")),
                          *(("auth", how) for how in ("success", "failure", "failed", "error"))))  # fmt: skip
_OTHER_WORDS = frozenset(("profile", "policy", "create", "update", "delete", "add", "remove", "config", "settings",
                          "out", "off", "end", "enroll", "challenge", "attempted"))  # fmt: skip
"""Changes of what logons need, ends of sessions, and questions that a logon asks on its way."""
_END_WORDS = frozenset(("logout", "logoff", "signout", "signoff", "userlogout", "userlogoff", "loggedout", "loggedoff"))
_END_PAIRS = frozenset((verb, end) for verb in ("log", "logged", "sign", "signed") for end in ("out", "off")).union(
    (("user", "disconnected"), ("user", "disconnection"))
)
_CATEGORIES = frozenset(("authentication", "session", "signin", "login", "logon"))
_FAILED = re.compile(r"fail|den(?:y|ied)|reject|invalid|bad(?!ge)|error|unsuccess", re.IGNORECASE)
_DONE = re.compile(r"success|succeed|allow|ok\b|granted|accept|permit|approved|passed|logged.?(?:in|on)", re.IGNORECASE)
_INTERRUPTED = frozenset((16000, 16001, 50055, 50058, 50072, 50074, 50076, 50079, 50097, 50125, 50129, 50140, 50144,
                          65001, 81010))  # fmt: skip
"""Microsoft Entra: the user is asked for more (a second factor, a new password, consent); no guess went wrong."""
_HTTP_DONE = range(200, 300)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def json_logon(row: Row) -> Fields | None:
    """Fields of an AuthEvent, of a flat row; None where the record names itself no logon."""
    acts = [value for name in ACTS if isinstance(value := row.get(name), str)]
    act = next(filter(is_logon, acts), None)
    if act is None and any(map(_is_end, acts)):
        return {"kind": "auth", "action": "logoff", "outcome": "success"}
    if act is None and not _categorised(row) and SIGN_IN not in row:
        return None
    return {"kind": "auth", "action": "logon", "outcome": _outcome(pick(row, _OUTCOMES), act or "")}


def is_act_of_logon(act: str) -> bool:
    """Whether the name of an act speaks of a log-on or its end."""
    return is_logon(act) or _is_end(act)


def _is_end(act: str) -> bool:
    words = _words(act)
    return bool(_END_WORDS.intersection(words)) or not _END_PAIRS.isdisjoint(pairwise(words))


def is_logon(act: str) -> bool:
    """Whether the name of an act speaks of a log-on, and not of its end or of what it needs."""
    words = _words(act)
    if _OTHER_WORDS.intersection(words):
        return False
    return bool(_LOGON_WORDS.intersection(words)) or not _LOGON_PAIRS.isdisjoint(pairwise(words))


def _words(act: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(act[:128])]


def _categorised(row: Row) -> bool:
    """Whether the record is of the Elastic Common Schema's logons, and tells how it went."""
    category = row.get("event.category")
    words = category if isinstance(category, list) else [category]
    named = any(isinstance(word, str) and word in _CATEGORIES for word in words)
    return named and isinstance(row.get("event.outcome"), str)


def _outcome(told: Any, act: str) -> str:
    if _FAILED.search(act):
        return "failure"  # also where the record of it was written with success
    code = _code(told)
    if code is not None:
        return "success" if code == 0 or code in _HTTP_DONE else "unknown" if code in _INTERRUPTED else "failure"
    if isinstance(told, str) and told.lower() in ("login", "logon"):
        return "success"
    for text in (told if isinstance(told, str) else "", act):
        if _FAILED.search(text):
            return "failure"
        if _DONE.search(text):
            return "success"
    return "unknown"


def _code(told: Any) -> int | None:
    if isinstance(told, bool) or not isinstance(told, int | str):
        return None
    return told if isinstance(told, int) else int(told) if told.isdecimal() and len(told) < 10 else None
