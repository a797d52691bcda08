"""Which known-exploited entries apply to a device or to software: names compared loosely, versions by number."""

import re
from collections.abc import Iterable, Mapping

from pipeline.features.lists import UserList

_PARTS = re.compile(r"\d+|[a-z]+")
_WORDS = re.compile(r"[^a-z0-9]+")
FIXED, UNKNOWN, EXPOSED = range(3)
_UNNAMED = "one the list does not name"


def version_key(text: str) -> tuple[tuple[int, str], ...]:
    """A key that orders versions: numbers by value, letters after numbers' end, zeros at the end ignored.

    >>> version_key("v8.10") > version_key("8.9.2"), version_key("2.0") == version_key("2")
    (True, True)
    >>> version_key("1.2b") > version_key("1.2a") > version_key("1.2")
    (True, True, True)
    """
    found = _PARTS.findall(text.lower())
    if found and found[0].isalpha():
        found = found[1:] if len(found) > 1 else found
    parts = [(int(p[:18]), "") if p.isdigit() else (0, p) for p in found]
    while parts and parts[-1] == (0, ""):
        parts.pop()
    return tuple(parts)


def plain_name(text: str | None) -> str:
    """A vendor's or model's name in lower case, words separated by one space."""
    return _WORDS.sub(" ", (text or "").lower()).strip()


def exposure(firmware: str | None, before: str | None) -> int:
    """EXPOSED when `firmware` is older than `before` or every version is affected; UNKNOWN without a version."""
    if not (before or "").strip():
        return EXPOSED
    mine = version_key(firmware or "")
    if not mine:
        return UNKNOWN
    return EXPOSED if mine < version_key(before or "") else FIXED


def first_repaired(entry: Mapping[str, str]) -> str:
    """The first repaired version as a sentence names it; empty where every version has the hole.

    CISA's own file, told by its CVE numbers, says nothing of versions: what has one of its products may be repaired.
    """
    return entry.get("firmware_before") or (_UNNAMED if entry.get("cveid") else "")


class KnownExploited:
    """The list `known_exploited`, looked up by vendor and model; an entry without a model means all of a
    vendor's.
    """

    def __init__(self, listed: UserList) -> None:
        self._by_model: dict[str, list[Mapping[str, str]]] = {}
        self._by_vendor: dict[str, list[Mapping[str, str]]] = {}
        for vendor, rows in listed.rows.items():
            for row in rows:
                entry = {"vendor": row.get("vendor") or vendor, **row}
                model = plain_name(entry.get("model"))
                if model:
                    self._by_model.setdefault(model, []).append(entry)
                else:
                    self._by_vendor.setdefault(plain_name(entry["vendor"]), []).append(entry)

    def __bool__(self) -> bool:
        return bool(self._by_model or self._by_vendor)

    def device(self, vendor: str | None, model: str | None, firmware: str | None) -> tuple[int, Mapping[str, str]]:
        """The gravest exposure of a device and the entry that says so; an unknown vendor does not contradict."""
        name = plain_name(vendor)
        fits = [e for e in self._by_model.get(plain_name(model), ()) if not name or plain_name(e["vendor"]) == name]
        return _gravest(firmware, fits + self._by_vendor.get(name, []))

    def software(self, name: str | None, version: str | None) -> tuple[int, Mapping[str, str]]:
        """The same for software seen on the network, named `model` or `vendor model`."""
        seen = plain_name(name)
        fits = list(self._by_model.get(seen, ()))
        words = seen.split(" ")
        for cut in range(1, len(words)):
            vendor, model = " ".join(words[:cut]), " ".join(words[cut:])
            fits += [e for e in self._by_model.get(model, ()) if plain_name(e["vendor"]) == vendor]
        return _gravest(version, fits)


def _gravest(firmware: str | None, entries: Iterable[Mapping[str, str]]) -> tuple[int, Mapping[str, str]]:
    graded = [(_grade(firmware, e), e) for e in entries]
    return max(graded, key=lambda pair: pair[0], default=(FIXED, {}))


def _grade(firmware: str | None, entry: Mapping[str, str]) -> int:
    return UNKNOWN if first_repaired(entry) == _UNNAMED else exposure(firmware, entry.get("firmware_before"))
