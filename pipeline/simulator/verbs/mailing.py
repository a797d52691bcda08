"""Mail: one transaction between a sender's server and ours, or out."""

from pipeline.simulator.documents import network
from pipeline.simulator.verbs.net import connect, link
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.host import Host, Site
from pipeline.simulator.world.machines import DOMAIN

_SUBJECTS = (
    "Shift swap on {n}", "Minutes of meeting {n}", "Invoice {n}", "Your order {n}", "Newsletter {n}",
    "Reminder: training {n}",
    "Referral {n}", "Re: rota {n}", "Delivery notice {n}", "Please review document {n}",
    "Password expiry notice {n}",
)  # fmt: skip


def mailbox(user: str) -> str:
    """Address of someone on the staff."""
    return f"{user}@{DOMAIN}"


def receive(
    s: Scene, ts: float, relay: Host, sender: str, rcpt: list[str], size: int, subject: str | None = None
) -> None:
    """Mail comes in from outside."""
    _send(s, ts, relay, s.world.servers["mail1"], sender, rcpt, size, subject)


def send(s: Scene, ts: float, site: Site, sender: str, rcpt: list[str], size: int) -> None:
    """Mail goes out."""
    _send(s, ts, s.world.servers["mail1"], site.host, sender, rcpt, size, None)


def _send(
    s: Scene, ts: float, src: Host, dst: Host, sender: str, rcpt: list[str], size: int, subject: str | None
) -> None:
    where = link(s, src, dst, 25, "tcp", "smtp")
    title = subject or s.draws.pick(_SUBJECTS).format(n=s.draws.whole(1, 9999))
    network.mail(s.tape, ts, where, mail_from=sender, rcpt_to=rcpt, subject=title)
    connect(s, ts - 0.1, where, size, 700)
