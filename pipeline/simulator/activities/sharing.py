"""People work with files on shares, and with mail."""

from pipeline.simulator.activities.activity import Activity
from pipeline.simulator.verbs import mailing, smb
from pipeline.simulator.verbs.net import lookup, visit
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.machines import DOMAIN


class FileShares(Activity):
    """The share of one's own department, on one of two file servers."""

    share = 0.06

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        person = d.pick(s.world.on_duty(ts))
        server, share = smb.home_share(s, person.department)
        smb.work_on_files(s, ts, s.world.desk(person, d), server, share)


class Mail(Activity):
    """Mail in and out; some of what comes in is followed to a link."""

    share = 0.02

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        person = d.pick(s.world.staff)
        # A third of all mail comes from the long tail of senders.
        known = s.world.internet.by_purpose["mail"]
        site = d.pick(known if d.chance(0.65) else s.world.internet.web)
        outside = f"{d.pick(('info', 'news', 'office', 'noreply', 'helpdesk'))}@{site.name.split('.', 1)[1]}"
        if d.chance(0.35):
            mailing.send(s, ts, site, mailing.mailbox(person.id), [outside], d.size(18_000, 1.2))
            return
        rcpt = [mailing.mailbox(d.pick(s.world.staff).id) for _ in range(d.whole(0, 2))]
        mailing.receive(s, ts, site.host, outside, [mailing.mailbox(person.id), *rcpt], d.size(24_000, 1.2))
        if d.chance(0.15):
            page = s.world.internet.popular(d)
            visit(
                s,
                ts + d.lognormal(120, 0.8),
                s.world.home_desk(person),
                page,
                d.size(2600, 0.6),
                d.size(50_000, 1.0),
            )


class Cloud(Activity):
    """Sanctioned uploads: files go to cloud storage, some of them large."""

    share = 0.01

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        desk = s.world.desk(d.pick(s.world.on_duty(ts)), d)
        site = d.pick(s.world.internet.by_purpose["cloud"])
        visit(s, ts, desk, site, d.size(160_000, 1.8), d.size(9_000, 0.8))


class Lookups(Activity):
    """Names that are mistyped, gone or only asked for: every network has them."""

    share = 0.025

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        desk = d.pick(s.world.desks)
        roll = d.random()
        site = s.world.internet.popular(d)
        if roll < 0.3:
            lookup(s, ts, desk, site.name, f"2001:db8::{d.hex(4)}", "AAAA")
        elif roll < 0.45:
            address = ".".join(reversed(desk.ip.split(".")))
            lookup(s, ts, s.world.servers["monitor1"], f"{address}.in-addr.arpa", f"{desk.name}.{DOMAIN}", "PTR")
        elif roll < 0.6:
            # Reputation services put a hash into the name and answer in TXT: long names are not all tunnels.
            service = s.world.internet.by_purpose["telemetry"][0].name.split(".", 1)[1]
            lookup(s, ts, desk, f"{d.hex(d.whole(24, 48))}.{service}", f"r={d.whole(0, 99)}", d.pick(("TXT", "A")))
        elif roll < 0.75:
            domain = site.name.split(".", 1)[1]
            lookup(s, ts, s.world.servers["mail1"], domain, "v=spf1 -all", "TXT")
        else:
            word = d.word("abcdefghijklmnoprstuvw", d.whole(5, 12))
            lookup(s, ts, desk, f"{word}.{DOMAIN}" if d.chance(0.3) else f"www.{word}.example", None)
