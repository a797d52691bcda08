"""What nfdump prints by default (`-o line`, `long`, `extended`, `biline`, `bilong`): flows in columns for people."""

import re

ONE_WAY = ("ts", "td", "pr", "sa", "sp", "da", "dp", "flg", "pkt", "byt")
BOTH_WAYS = ("ts", "td", "pr", "sa", "sp", "da", "dp", "flg", "opkt", "ipkt", "obyt", "ibyt")
"""nfdump's own short names of the columns; amounts of the answer come first, as it prints them."""
_HEAD = re.compile(r"Date first seen +Duration +Proto +Src IP Addr:Port +Dst IP Addr:Port ")
_END = r"([\da-fA-F:.]{2,45}?)[:.](\d{1,5}(?:\.\d{1,3})?)"
_ROW = re.compile(
    rf"(\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{{1,6}}) +([\d:.]{{4,16}}) +(\S{{1,12}}) +{_END} +<?-> +{_END} +"
    r"(?:([A-Z.]{6,8}) +\d{1,3} +)?(\d.*)"
)
_AMOUNT = re.compile(r"\d+(?:\.\d+)?(?: [KMGT](?!\S))?")
_AROUND = ("Summary:", "Time window:", "Total flows processed:", "Sys:", "Aggregated flows", "Date first seen", "No ")
"""How lines above and below the flows begin."""


def columns_of(header: str) -> tuple[str, ...] | None:
    """The names of the columns below nfdump's header; None of any other line.

    >>> columns_of("Date first seen  Duration Proto  Src IP Addr:Port  Dst IP Addr:Port  Packets  Bytes Flows")[-1]
    'byt'
    """
    if not _HEAD.match(header):
        return None
    return BOTH_WAYS if "In Pkt" in header else ONE_WAY


def is_around(line: str) -> bool:
    """Whether the line belongs to the table without being a flow."""
    return line.startswith(_AROUND)


def cells_of_line(line: str, names: tuple[str, ...]) -> dict[str, str] | None:
    """The cells of a flow; None where the line is none."""
    match = _ROW.match(line)
    if match is None:
        return None
    *told, amounts = match.groups(default="")
    told[1] = _seconds(told[1])
    for at in (4, 6):
        told[at] = told[at].partition(".")[0]  # of ICMP the type stands there, and its code
    found = [*told, *_AMOUNT.findall(amounts)[: len(names) - len(told)]]
    return dict(zip(names, found, strict=True)) if len(found) == len(names) else None


def _seconds(text: str) -> str:
    """Newer versions print `00:01:02.838`."""
    parts = text.split(":")
    return text if len(parts) != 3 else f"{int(parts[0]) * 3600 + int(parts[1]) * 60 + float(parts[2]):.3f}"
