"""Where a mail's links lead, and where they say they lead."""

import re
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList
from typing_extensions import override

MOST_LINKS = 20
LOOK_AT = 200_000
_MOST_UNCLOSED = 50
_ADDRESS = re.compile(r"\bhttps?://[^\s<>\"'\])}]{3,2000}", re.IGNORECASE)
_MARKED = re.compile(r"<!\[[^>]*>?")
"""Marked sections (`<![endif]-->`, as Word writes them): the library's parser fails on broken ones."""
_SHOWN = re.compile(r"^\W{0,8}(?:https?://)?((?:[\w-]{1,63}\.){1,8}[a-z]{2,24})(?:[/:?#]\S*)?\W{0,8}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """An address, and what the text shown for it says."""

    url: str
    site: str
    """Host, lower case."""
    shown: str = ""
    """The registered domain that the text names, where it is another than it leads to."""

    @property
    def mismatch(self) -> bool:
        """Whether it leads elsewhere than it says."""
        return bool(self.shown)


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def registered(host: str) -> str:
    """The domain somebody registered: `example.co.uk` of `mail.example.co.uk`; the host itself where there is none."""
    return _suffixes().privatesuffix(host.lower().strip(".")) or host.lower()


def site_of(url: str) -> str:
    """Host of an http address, empty for anything else."""
    try:
        parts = urlsplit(url.strip())
        return (parts.hostname or "") if parts.scheme.lower() in ("http", "https") else ""
    except ValueError:
        return ""


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self._href: str | None = None
        self._shown: list[str] = []
        self.text: list[str] = []
        self._hidden = 0

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "script"):
            self._hidden += 1
        given = dict(attrs)
        target = given.get("href") if tag in ("a", "area") else given.get("action") if tag == "form" else None
        if target:
            self._close()
            self._href = target

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self._hidden = max(self._hidden - 1, 0)
        if tag in ("a", "form"):
            self._close()

    @override
    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text.append(data)
            if self._href is not None:
                self._shown.append(data)

    def _close(self) -> None:
        if self._href is not None:
            self.found.append((self._href, " ".join("".join(self._shown).split())))
        self._href, self._shown = None, []

    @override
    def close(self) -> None:
        """The end. What begins like a tag or comment and is never closed is text up to the next bracket; the library
        does the same, without end, and looks through all that follows each time."""
        for _ in range(_MOST_UNCLOSED):
            if not self.rawdata.startswith("<"):
                break
            end = self.rawdata.find(">", 1) + 1 or max(self.rawdata.find("<", 1), 1)
            self.handle_data(self.rawdata[:end])
            self.rawdata = self.rawdata[end:]
            self.feed("")
        else:
            self.rawdata = ""
        super().close()
        self._close()


def html_links(html: str) -> tuple[list[Link], str]:
    """Links of an HTML body, and its text."""
    parser = _Anchors()
    parser.feed(_MARKED.sub(" ", html[:LOOK_AT]))
    parser.close()
    links = [link for href, shown in parser.found if (link := _link(href, shown))]
    return links, " ".join(parser.text)


def text_links(text: str) -> list[Link]:
    """Links written out in plain text."""
    return [link for url in _ADDRESS.findall(text[:LOOK_AT]) if (link := _link(url, ""))]


def chosen(links: list[Link]) -> list[Link]:
    """Each address once, those that pretend first; at most MOST_LINKS."""
    once = {link.url: link for link in sorted(links, key=lambda link: link.mismatch)}
    return sorted(once.values(), key=lambda link: not link.mismatch)[:MOST_LINKS]


def _link(url: str, shown: str) -> Link | None:
    url = url.strip().rstrip(".,;")
    site = site_of(url)
    if not site:
        return None
    named = _SHOWN.match(shown)
    shown = registered(named[1]) if named else ""
    return Link(url[:1024], site, "" if shown == registered(site) else shown)
