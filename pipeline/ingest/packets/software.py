"""What a machine says of its software, as rows of Zeek's software.log."""

import re
from typing import Any

from pipeline.ingest.packets.packet import Row

_PRODUCT = re.compile(r"([A-Za-z][^\s/()]{1,62}?)[/_ -]v?(\d[\w.:+~-]{0,31})")
_LONGEST = 80


def shown(ts: float, text: str, kind: str, *, by_server: bool) -> Row | None:
    """The row of a product that its maker names with a version (`nginx/1.18.0`, `dcm4che-2.0`), or by name alone; who
    shows it is told by the connection. None where the text names nothing.

    >>> shown(1.0, "Apache/2.4.7 (Ubuntu)", "HTTP::SERVER", by_server=True)[1]["unparsed_version"]
    '2.4.7'
    """
    text = "".join(sign for sign in text.strip()[:_LONGEST] if sign.isprintable())
    product = _PRODUCT.match(text)
    name = product[1] if product else text
    if not name:
        return None
    row: dict[str, Any] = {"ts": ts, "name": name, "software_type": kind, "by_server": by_server}
    return "software", row | ({"unparsed_version": product[2]} if product else {})
