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
        server = s.world.servers["file1" if len(person.department) % 2 else "file2"]
        smb.work_on_files(s, ts, s.world.desk(person, d), server, smb.share_of(server, person.department))


class Mail(Activity):
    """Mail in and out; some of what comes in is followed to a link."""

    share = 0.02

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        person = d.pick(s.world.staff)
        site = d.pick(s.world.internet.by_purpose["mail"])
        outside = f"{d.pick(('info', 'news', 'office', 'noreply', 'billing'))}@{site.name.split('.', 1)[1]}"
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
        if d.chance(0.5):
            visit(
                s, ts, desk, d.pick(s.world.internet.by_purpose["update"]), d.size(900, 0.4), d.size(300_000, 1.6)
            )
            return
        word = d.word("abcdefghijklmnoprstuvw", d.whole(5, 12))
        lookup(s, ts, desk, f"{word}.{DOMAIN}" if d.chance(0.3) else f"www.{word}.example", None)
