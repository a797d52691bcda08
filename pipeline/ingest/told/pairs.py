"""Names and values that a line holds side by side: CEF, LEEF, `name=value`, `Name: value, Name: value`."""

import re
from functools import lru_cache

LOOK_AT = 4096
FEWEST = 3
"""So many pairs make a line a record; fewer stand in any sentence."""
_SIDE = r"(?:(?:[Ss]ource|[Dd]estination|[Cc]lient|[Ss]erver|[Pp]eer|[Rr]emote|[Ll]ocal|[Dd]evice) )?"
"""A side before the name of its address or port: `Peer IP=10.0.0.7`."""
_PAIR = re.compile(
    rf"(?<![\w.&?/])({_SIDE}[A-Za-z_][\w.-]{{1,40}})="
    r"(\"[^\"]{0,1024}\"|'[^']{0,1024}'|\[[^\[\]]{0,512}\]|[^\s\",|;\]]{1,512})"
)
_COLON = re.compile(r"(?:^|[,;\[{(]\s{0,2})([A-Za-z][\w. -]{1,40}):(?!//) ?(\"[^\"]{0,512}\"|[^,;\"]{1,512})")
_CEF = re.compile(r"CEF:\s?\d\|(?:(?:[^|\\]|\\.){0,512}\|){4}(?P<name>(?:[^|\\]|\\.){0,512})\|[^|]{0,64}\|")
_LEEF = re.compile(r"LEEF:\s?(\d)\.\d\|(?:[^|]{0,256}\|){4}")
_KEY = re.compile(r"(?:^|(?<=\s))([A-Za-z][\w.\[\]-]{0,63})=")
_LABEL = "label"


def has_pairs(message: str) -> bool:
    """Whether a line may hold `FEWEST` pairs: a quick look, before `pairs_in`."""
    return message.count("=") >= FEWEST or message.count(": ") >= FEWEST + 1


def pairs_in(message: str) -> dict[str, str]:
    """Names, in small letters, and values of a line of pairs: the first of each name.

    CEF's own fields come by their labels as well: `cs4=x cs4Label=query_name` is `query_name`, too.
    Whoever asks again about the same line gets the same dict, which nobody may change.
    """
    return _pairs_in(message[:LOOK_AT])


@lru_cache(1)  # alert, flow and record are sought in one line, one after the other
def _pairs_in(message: str) -> dict[str, str]:
    cef = _CEF.search(message) if "CEF:" in message else None
    leef = _LEEF.search(message) if "LEEF:" in message else None
    pairs: dict[str, str] = {}
    if cef:
        found = _apart(message[cef.end() :])
    elif leef:
        found = _tabs(message[leef.end() :])
    else:
        found = _PAIR.findall(message)
        if len(found) < FEWEST:
            found += _COLON.findall(message)
    for name, value in found:
        pairs.setdefault(name.lower(), value.strip().strip("\"'[]"))
    if cef and cef["name"]:
        pairs.setdefault("eventname", cef["name"])
    for name, value in list(pairs.items()):
        labelled = pairs.get(name.removesuffix(_LABEL)) if name.endswith(_LABEL) else None
        if labelled and value:
            pairs.setdefault(value.lower(), labelled)
    return pairs


def _apart(text: str) -> list[tuple[str, str]]:
    """Values with blanks in them end where the next name begins."""
    keys = list(_KEY.finditer(text))
    ends = [key.start() for key in keys[1:]] + [len(text)]
    return [(key[1], text[key.end() : end].strip()) for key, end in zip(keys, ends, strict=False)]


def _tabs(text: str) -> list[tuple[str, str]]:
    between = "\t" if "\t" in text else text[:1] if text[:1] in "^|~" else None
    if between is None:
        return _apart(text)
    pieces = [piece.partition("=") for piece in text.split(between)]
    return [(name.strip(), value) for name, sign, value in pieces if sign and name.strip()]
