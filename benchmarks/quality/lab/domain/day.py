"""Ordinary work in a domain: people at desks, an application, a backup, an administrator."""

import random
from collections.abc import Callable

from benchmarks.quality.lab.capture import Clock
from benchmarks.quality.lab.domain import conf
from benchmarks.quality.lab.domain.servers import CONTROLLER, SERVER, Domain

_DC, _FS = f"dc1.{conf.DOMAIN}", f"fs1.{conf.DOMAIN}"
_MONITORED_S = 300.0
_LDAP = ["-LLL", "-H", f"ldap://{_DC}", "-b", conf.BASE]


class Day:
    """Ordinary work on a domain, drawn from a seed; `clock` jumps between the pieces of it."""

    def __init__(self, domain: Domain, clock: Clock, seed: int) -> None:
        self._domain, self._clock = domain, clock
        self._draw = random.Random(seed)
        self._made = 0

    def play(self, hours: float = 8) -> None:
        """So many hours: everybody once and more, the application all the time, backup and administrator once."""
        acts: list[Callable[[], None]] = [lambda desk=desk, who=who: self._at_desk(desk, who)
                                          for desk, who in self._seats() for _ in range(2)]  # fmt: skip
        acts += [self.application] * 6
        self._draw.shuffle(acts)
        acts[len(acts) // 2 : len(acts) // 2] = [self.administrator, self.backup]
        for act in acts:
            act()
            self._clock.skip(self._draw.expovariate(1) * hours * 3600 / len(acts))

    def _seats(self) -> list[tuple[str, str]]:
        return list(zip(conf.DESKS, conf.PEOPLE, strict=False))

    def _at_desk(self, desk: str, who: str) -> None:
        """A log-on with what a desk looks up, work on files, sometimes a mistyped password or a new printer."""
        on = self._domain.on
        self.log_on(desk, who)
        on(desk, ["dig", "+short", "SRV", f"_ldap._tcp.dc._msdcs.{conf.DOMAIN}"])
        on(desk, self.ticketed(_DC, "sysvol", f"cd {conf.DOMAIN}/Policies; ls"), user=who)
        on(
            desk,
            ["ldapsearch", "-Y", "GSSAPI", "-N", "-Q", *_LDAP, f"(sAMAccountName={who})", "memberOf", "mail"],
            user=who,
        )
        room = self._draw.choice(("radiology", "surgery", "billing", "nursing"))
        files = [f"report-{self._draw.randrange(30):03d}" for _ in range(3)]
        own = f"{who[2:]}-{self._made}"
        self._made += 1
        fetched = (f"mask {name}.*; prompt; mget {name}.*; prompt" for name in files)
        saved = f"put {self._letter(desk)} ~{own}.tmp; rename ~{own}.tmp {own}.docx; del {own}.docx"
        commands = [f"cd {room}", "ls", *fetched, saved]
        on(desk, self.ticketed(_FS, "ward", "; ".join(commands)), user=who)
        if self._draw.random() < 0.3:
            on(desk, ["smbclient", "-L", _FS, "--use-kerberos=required"], user=who)
        if self._draw.random() < 0.2:
            on(desk, ["rpcclient", _FS, "--use-kerberos=required", "-c", "enumprinters"], user=who)

    def log_on(self, desk: str, who: str) -> None:
        """A ticket for a password, mistyped once in eight."""
        if self._draw.random() < 1 / 8:
            self._domain.on(desk, ["kinit", who], words="oops\n", user=who)
        self._domain.on(desk, ["kinit", who], words=f"{conf.password_of(who)}\n", user=who)

    @staticmethod
    def ticketed(server: str, share: str, commands: str) -> list[str]:
        """smbclient's words for commands on a share, logged on by ticket."""
        return ["smbclient", f"//{server}/{share}", "--use-kerberos=required", "-c", commands]

    def application(self) -> None:
        """A program that looks people up and checks their passwords, one of them wrong."""
        bound = ["-x", "-D", f"svc-app@{conf.DOMAIN}", "-w", conf.password_of("svc-app")]
        for who in self._draw.sample(conf.PEOPLE, 4):
            self._domain.on("app1", ["ldapsearch", *bound, *_LDAP, f"(&(objectClass=user)(sAMAccountName={who}))"])
            word = conf.password_of(who)
            self._domain.on("app1", self._bound(who, word))
        self._domain.on("app1", self._bound(who, "oops"))

    @staticmethod
    def _bound(who: str, word: str) -> list[str]:
        return [
            "ldapsearch",
            "-x",
            *_LDAP[:3],
            "-b",
            "",
            "-s",
            "base",
            "-D",
            f"{who}@{conf.DOMAIN}",
            "-w",
            word,
            "dnsHostName",
        ]

    def backup(self) -> None:
        """Every file of the share into an archive."""
        self._domain.on("bk1", self._domain.share(_FS, "ward", "tarmode full; tar c all.tar", "svc-backup"), 60)

    def administrator(self) -> None:
        """What an administrator does in a day, by password, from the desk for it."""
        who = f"j.new{self._made}"
        self._made += 1
        as_admin = ["-U", self._domain.admin()]
        away = ["-H", f"ldap://{_DC}", *as_admin]
        for command in (
            ["samba-tool", "user", "create", who, f"Fresh-{who}-1!", *away],
            ["samba-tool", "group", "add", f"team-{who}", *away],
            ["samba-tool", "group", "addmembers", f"team-{who}", who, *away],
            ["samba-tool", "user", "setpassword", "k.kern", f"--newpassword={conf.password_of('k.kern')}", *away],
            ["samba-tool", "gpo", "listall", *away],
            ["samba-tool", "dns", "query", CONTROLLER, conf.DOMAIN, "@", "ALL", *as_admin],
            ["rpcclient", _DC, *as_admin, "-c", f"queryuser {who}; getdompwinfo; enumdomgroups"],
            ["net", "rpc", "share", "list", "-S", SERVER, *as_admin],
            ["net", "rpc", "service", "list", "-S", SERVER, *as_admin],
            self._domain.share(_FS, "C$", f"put {self._letter('adm1')} settings.txt; ls"),
            ["samba-tool", "user", "disable", who, *away],
        ):
            self._domain.on("adm1", command)

    def change_passwords(self, desk: str, who: str) -> None:
        """Somebody changes a password, in vain as the old one is mistyped, then does, and back again."""
        old = conf.password_of(who)
        for before, after in (("oops", "Other-word-77!"), (old, "Other-word-77!"), ("Other-word-77!", old)):
            self._domain.on(desk, ["kpasswd", who], words=f"{before}\n{after}\n{after}\n")

    def monday(self) -> None:
        """Everybody logs on within minutes, a third mistyping once or twice."""
        for desk, who in self._seats():
            for _ in range(self._draw.choice((0, 0, 0, 0, 1, 2))):
                self._domain.on(desk, ["kinit", who], words="oops\n", user=who)
            self._domain.on(desk, ["kinit", who], words=f"{conf.password_of(who)}\n", user=who)
            self._domain.on(desk, self.ticketed(_FS, "ward", "ls"), user=who)

    def passwords_due(self) -> None:
        """Eight people change their passwords."""
        for desk, who in self._seats()[:8]:
            self.change_passwords(desk, who)

    def new_staff(self) -> None:
        """Ten accounts for people who begin on the first."""
        for number in range(10):
            account = [f"n.staff{number}", f"Fresh-start-{number}!"]
            self._domain.on(
                "adm1", ["samba-tool", "user", "create", *account, "-H", f"ldap://{_DC}", "-U", self._domain.admin()]
            )

    def photos_renamed(self) -> None:
        """A folder's files get speaking names, in one go."""
        names = [path.split("/")[1] for path in conf.documents(7) if path.startswith("surgery/")]
        new = [f"ward-visit-{number:02d}.{name.rsplit('.', 1)[1]}" for number, name in enumerate(names)]
        renames = (f"rename {before} {after}" for before, after in zip(names, new, strict=True))
        self._domain.on("ws03", self._domain.share(_FS, "ward", "; ".join(("cd surgery", *renames)), "c.conrad"))

    def archive_unpacked(self) -> None:
        """Sixty files come into a new folder."""
        puts = (f"put {self._letter('ws04')} part-{number:02d}.docx" for number in range(60))
        self._domain.on("ws04", self._domain.share(_FS, "ward", "; ".join(("mkdir new", "cd new", *puts)), "d.dorn"))

    def monitoring(self) -> None:
        """What a monitor asks every five minutes, without a password."""
        for command in (
            ["smbclient", "-L", _FS, "-N"], ["dig", "+short", _FS], ["ping", "-c", "1", SERVER],
            ["ldapsearch", "-x", *_LDAP[:3], "-b", "", "-s", "base", "dnsHostName"],
        ):  # fmt: skip
            self._domain.on("bk1", command)
        self._clock.skip(_MONITORED_S)

    def _letter(self, desk: str) -> str:
        path = self._domain.folder / f"home-{desk}" / "letter.docx"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(self._draw.randbytes(self._draw.randrange(2_000, 30_000)))
        return path.name
