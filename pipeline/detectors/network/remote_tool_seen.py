"""A machine asks for the servers of a tool of remote management. `network.remote_tool` says which tools are news."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.network.dga import TYPES
from pipeline.detectors.network.terms import terms_in
from pipeline.detectors.remote_tools import FOR_PEOPLE, REMOTE_TOOLS
from pipeline.detectors.tool_sights import ToolSights
from pipeline.features.batch import Batch
from pipeline.features.multi_pattern import BEGIN, END, automaton
from pipeline.features.naming import named
from schemas.finding import Feature

_DOMAINS = [(f".{domain}{END}", number) for number, tool in enumerate(REMOTE_TOOLS) for domain in tool.domains]
_NAMES = automaton(
    [*(term for term, _ in _DOMAINS), *(BEGIN + page for page in FOR_PEOPLE)],
    [*(number for _, number in _DOMAINS), *(len(REMOTE_TOOLS) for _ in FOR_PEOPLE)],
)
_WORDS = 1 + (len(REMOTE_TOOLS) >> 6)
_PEOPLE = np.uint64(1 << (len(REMOTE_TOOLS) & 63))


class RemoteToolSeen(Detector):
    """The first sight of each tool's servers from a source and day scores 1: a name whose address is asked for, that
    is greeted over TLS, or in a request, below one of the tool's domains. Mail servers that ask who may send for a
    maker (TXT, MX) keep to none.

    It tells nothing: what it finds is given on under the tool's key, where all machines of the house come together.
    """

    id = "network.remote_tool_seen"
    title = "Servers of a tool of remote management"
    severity = 2
    tells = False
    attacks = ("T1219",)
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("src_ip", "query", "qtype", "sni", "host")
    cost = "2 ns a character of names; 40 bytes a tool of a source, 80 KB a key group"
    reference = "ATT&CK T1219; CISA, Guide to Securing Remote Access Software, 2023"
    misses = "Tools that call a server of their own, or an address without a name; pages of the maker for people."

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._first = ToolSights(setup.groups)
        self._parts = {"first": self._first}

    def score(self, batch: Batch) -> Scores:
        rows, tools = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        wanted = (batch.hash("src_ip") != 0) & (batch.is_in("qtype", TYPES) | (batch.hash("qtype") == 0))
        for kind, field in (("dns", "query"), ("tls", "sni"), ("http", "host")):
            at = np.flatnonzero(batch.kind(kind) & wanted)
            found = terms_in(batch, at, field, _NAMES) if len(at) else np.zeros((0, _WORDS), np.uint64)
            said = np.flatnonzero(found.any(axis=1))
            said = said[(found[said, -1] & _PEOPLE) == 0]
            rows.append(at[said])
            tools.append(np.array([_lowest(bits) for bits in found[said].tolist()], np.int64))
        where, tool = np.concatenate(rows), np.concatenate(tools)
        order = np.argsort(where, kind="stable")
        return self._first.scores(batch, where[order], tool[order])

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        tool = REMOTE_TOOLS[max(int(scores.evidence["tool"][row]), 0)].name
        message = f"{named(batch, row, 'src_ip')} asks for servers of {tool}."
        return Explanation(message, "No such tool.", [Feature(name="tool", value=tool)])

    @classmethod
    def examples(cls) -> Sequence[Example]:
        asks = {"kind": "dns", "ts": 1e6, "src_ip": "10.0.0.9", "query": "relay-7.net.anydesk.com"}
        greets = {"kind": "tls", "ts": 1e6, "src_ip": "10.0.0.9", "sni": "router15.teamviewer.com"}
        return (
            Example("a server is asked for", [asks], True),
            Example("a server is greeted", [greets], True),
            Example(
                "a page is read", [asks | {"query": "www.anydesk.com"}, greets | {"sni": "www.teamviewer.com"}], False
            ),
            Example(
                "a mail server asks who sends for the maker",
                [
                    asks | {"query": "s1._domainkey.anydesk.com", "qtype": "TXT"},
                    asks | {"query": "mx1.teamviewer.com", "qtype": "MX"},
                    asks | {"query": "_dmarc.anydesk.com"},
                ],
                False,
            ),
            Example("something of that name elsewhere", [asks | {"query": "anydesk.com.example.org"}], False),
        )


def _lowest(words: list[int]) -> int:
    """The first tool of a row's bits."""
    return next(64 * k + (word & -word).bit_length() - 1 for k, word in enumerate(words) if word)
