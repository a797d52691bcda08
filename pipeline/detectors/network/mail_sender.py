"""A machine that sends mail by itself to servers all over, as spam programs do, and is no mail server of the house."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import least
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.network.few_hosts import MONTH_S, FewHosts
from pipeline.detectors.network.sides import Outsiders, answered, to_one_host
from pipeline.features.addresses import EXTERNAL, INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.naming import named
from pipeline.features.unknown import filled, is_port
from pipeline.features.where import address_block, address_kind
from schemas.finding import Feature

SMTP = (25, 465, 587)
SENDERS, SERVERS = 256, 1024  # per key group
RING = 32
SOME = 3.0
"""Networks reached within a day from which a machine sends by itself: a mail program knows one provider or two."""
DAY_S = 86_400.0


class MailSender(Detector):
    """Distinct networks outside (/16, IPv6 /32) whose SMTP ports an inside address connected to within an hour.

    A mail server is known because others hand mail to it, or because it sent to several networks more than a day ago.
    Of those that sent already in the first day of watching only the former tells them apart: they are told in a network
    of a few machines alone (`few_hosts`), where little mail is written and the owner can be asked, from twice as many
    networks. A program of the house that begins to write to people's own mailboxes is told once.
    """

    id = "network.mail_sender"
    title = "Sends mail by itself"
    severity = 4
    attacks = ("T1071.003",)
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("src_ip", "dst_ip", "dst_port", "proto", "service", "bytes_in", "conn_state")
    cost = "O(32) an SMTP connection or mail, O(8) others; 400 bytes a sender, 48 a mail server, 1.5 MB in all"
    reference = "MITRE ATT&CK T1071.003; RFC 5321"
    misses = (
        "Spam through a few providers or the house's own server, senders to whom another machine hands mail, what "
        "began in the first day of watching in a network of more than some fifty machines, and a sender's later days."
    )
    defaults = {"networks": 6.0, "networks_first_day": 12.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._outsiders = Outsiders(setup.groups)
        self._watched = Sightings(setup.groups, 1)
        self._few = FewHosts(setup.groups)
        self._callers = WindowedDistinct(setup.groups, SERVERS, MONTH_S, 4)
        self._hour = WindowedDistinct(setup.groups, SENDERS, 3600.0, RING)
        self._day = WindowedDistinct(setup.groups, SENDERS, DAY_S, 4)
        self._senders = Sightings(setup.groups, SENDERS)
        self._parts = {
            "outsiders": self._outsiders, "watched": self._watched, "few": self._few, "callers": self._callers,
            "hour": self._hour, "day": self._day, "senders": self._senders,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("networks", "limit")}
        watched, _, _ = self._watched.note(np.ones(batch.n, np.uint64), batch.ts, batch.groups)
        few = self._few.mark(batch)
        rows = np.flatnonzero(_spoken(batch))
        if not len(rows):
            return Scores(values, evidence)
        stranger, away = self._outsiders.mark(batch, rows), address_kind(batch, "dst_ip")[rows] == EXTERNAL
        src, dst = batch.hash("src_ip")[rows], batch.hash("dst_ip")[rows]
        ts, groups = batch.ts[rows], batch.groups[rows]
        sent = away & ~stranger & ~self.setup.lists["scanners"].marks(src)
        # Who is handed mail is noted, who sends only asks, in the order of the log.
        taken = ~sent & (batch.kind("mail") | answered(batch))[rows]
        who, by = np.where(sent, src, np.where(taken, dst, 0)), np.where(taken, src, 0)
        callers = self._callers.add(who, by, ts, groups)[sent]
        at, src, ts, groups = rows[sent], src[sent], ts[sent], groups[sent]
        network = address_block(batch, "dst_ip")[at]
        networks = self._hour.add(src, network, ts, groups)
        several = self._day.add(src, network, ts, groups) >= SOME
        age = filled(self._senders.note(np.where(several, src, np.uint64(0)), ts, groups)[0])
        first_day = watched[at] - age < DAY_S  # of watching, in which it began
        known = (callers > 0) | (age > DAY_S) | (first_day & ~few[at])
        limit = np.where(first_day, float(self.option["networks_first_day"]), float(self.option["networks"]))
        values[at] = np.where(known, 0.0, networks / (networks + limit))
        evidence["networks"][at], evidence["limit"][at] = networks, limit
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        networks, usual = (float(scores.evidence[name][row]) for name in ("networks", "limit"))
        fewer = least(networks, float(scores.values[row]), self.limit(scores, row), usual)
        last = f"{named(batch, row, 'dst_ip')} port {int(batch.value('dst_port', row) or 25)}"
        more = " or more" if networks >= RING else ""
        message = (
            f"{named(batch, row, 'src_ip')} connected to mail servers in {int(networks)}{more} networks outside "
            f"within an hour, the last {last}; nobody was seen to hand it mail, and it was not known to send any. "
            "Programs that spread spam or themselves do so."
        )
        features = [
            Feature(
                name="networks_with_mail_servers_1h", value=int(networks), usual_low=0, usual_high=fewer - 1,
                contribution=1.0,
            ),
            Feature(name="machines_that_hand_it_mail", value=0, usual_low=1, contribution=0.0),
        ]  # fmt: skip
        normal = f"Mail servers in fewer than {fewer} networks within an hour, or a machine that others hand mail to."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow: dict[str, Any] = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_port": 25, "bytes_in": 300}
        spam = [flow | {"ts": 1e6 + 5.0 * k, "dst_ip": f"198.{k + 20}.0.25", "dst_port": 587} for k in range(20)]
        house = [flow | {"ts": 1e6 - 90_000.0, "src_ip": f"10.0.4.{k}", "dst_ip": "10.0.0.2"} for k in range(120)]
        earlier = [e | {"ts": e["ts"] - 90_000.0} for e in spam[:4]]
        today = [host | {"ts": 1e6 - 60.0} for host in house]
        handed = [host | {"dst_ip": "10.0.0.9"} for host in house]
        mails = [{k: v for k, v in e.items() if k != "bytes_in"} | {"kind": "mail"} for e in spam]
        return (
            Example("spam to one provider after the other", [*house, *spam[:8]], True),
            Example("the same in a network of a few machines, from the start", spam, True),
            Example("the same as a sensor's records of mail", mails, True),
            Example("the same while the firewall lets none out", [*house, *(e | {"bytes_in": 0} for e in spam)], True),
            Example("a mail server on the first day", [*today, *spam], False),
            Example("a mail server that others hand mail to", [*handed, *spam], False),
            Example("a server that has sent mail for more than a day", [*house, *earlier, *spam], False),
            Example("a mail program with two accounts", [*house, *spam[:2] * 20], False),
            Example(
                "one provider with many addresses",
                [*house, *(e | {"dst_ip": f"198.51.{k}.25"} for k, e in enumerate(spam))],
                False,
            ),
        )


def _spoken(batch: Batch) -> np.ndarray:
    """bool[n]: SMTP between two machines, answered or not."""
    smtp = is_port(batch.number("dst_port"), SMTP) | batch.equals("service", "smtp")
    smtp &= (batch.kind("flow") & ~batch.equals("proto", "udp")) | batch.kind("mail")
    kind = address_kind(batch, "src_ip")
    found: np.ndarray = smtp & to_one_host(batch) & ((kind == INTERNAL) | (kind == EXTERNAL))
    return found
