"""What a search in a directory is for, as people write it (RFC 4515)."""

from pipeline.ingest.packets.ber import pieces

_JOINED, _NOT = {0xA0: "&", 0xA1: "|"}, 0xA2
_COMPARED = {0xA3: "=", 0xA5: ">=", 0xA6: "<=", 0xA8: "~="}
_PARTS, _THERE, _RULED = 0xA4, 0x87, 0xA9
_FIRST, _LAST = 0x80, 0x82
_DEEPEST, _MOST = 12, 64


def filter_text(tag: int, content: bytes, depth: int = 0) -> str:
    """The filter in a value with this tag; one of more than twelve levels is told as far as that.

    >>> filter_text(0xA3, bytes.fromhex("0403 73616d 0402 6a6f"))
    '(sam=jo)'
    """
    if depth > _DEEPEST:
        return "(…)"
    if tag in _JOINED or tag == _NOT:
        inner = "".join(filter_text(t, c, depth + 1) for t, c in pieces(content)[:_MOST])
        return f"({_JOINED.get(tag, '!')}{inner})"
    if tag == _THERE:
        return f"({_text(content)}=*)"
    parts = pieces(content)
    if tag in _COMPARED and len(parts) >= 2:
        return f"({_text(parts[0][1])}{_COMPARED[tag]}{_text(parts[1][1])})"
    if tag == _PARTS and len(parts) >= 2:
        return f"({_text(parts[0][1])}={_substrings(parts[1][1])})"
    if tag == _RULED:
        named = {t: _text(c) for t, c in parts}
        rule = f":{named[0x81]}" if 0x81 in named else ""
        return f"({named.get(0x82, '')}{rule}:={named.get(0x83, '')})"
    return "(?)"


def _substrings(content: bytes) -> str:
    found = pieces(content)[:_MOST]
    text = "*".join(_text(c) for _, c in found)
    before = "" if found and found[0][0] == _FIRST else "*"
    return before + text + ("" if found and found[-1][0] == _LAST else "*")


def _text(content: bytes) -> str:
    text = content[:256].decode("utf-8", "replace")
    return text if text.isprintable() else "".join(sign if sign.isprintable() else "?" for sign in text)
