"""A Windows-like domain of Samba servers in a laboratory: a controller, a file server, desks.

Everything that the servers keep lies in one folder, their processes in namespaces of the laboratory.
"""

import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.quality.lab.domain import conf
from benchmarks.quality.lab.domain.syslog import Syslog
from benchmarks.quality.lab.net import LabError, Net

_NEEDED = {
    "samba": "samba-ad-dc", "samba-tool": "samba", "ldbadd": "ldb-tools", "smbd": "samba", "winbindd": "winbind",
    "net": "samba-common-bin", "smbclient": "smbclient", "rpcclient": "smbclient", "kinit": "krb5-user",
    "ldapsearch": "ldap-utils", "tcpdump": "tcpdump", "dig": "dnsutils",
}  # fmt: skip
CONTROLLER, SERVER = conf.ADDRESSES["dc1"], conf.ADDRESSES["fs1"]
_MAC = "02:16:3e:00:01"
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


class Domain:
    """A domain on a switch. Raises LabError where a package is missing or a server does not come up within a minute."""

    def __init__(self, net: Net, folder: Path) -> None:
        missing = sorted({package for tool, package in _NEEDED.items() if shutil.which(tool) is None})
        if missing:
            raise LabError(f"a domain needs the packages {' '.join(missing)}")
        if not Path("/usr/share/samba/setup/ad-schema").is_dir():
            raise LabError("a domain needs the package samba-ad-provision")
        self.net, self.folder = net, folder
        self.krb5 = folder / "krb5.conf"

    def build(self) -> None:
        """Machines, controller, people, file server. Half a minute."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.krb5.write_text(conf.client_conf(CONTROLLER))
        self.net.switch("sw")
        for number, (name, address) in enumerate(conf.ADDRESSES.items(), 1):
            self.net.host(name, "sw", f"{address}/24", f"{_MAC}:{number:02x}", nameserver=CONTROLLER)
        self._controller()
        self._server()

    def on(self, name: str, command: Sequence[str], timeout_s: float = 20, words: str = "", user: str = "") -> str:
        """What a command prints on a machine, with the tickets of `user` there."""
        # Impacket takes a cache that is named for one that is there.
        cache = [f"KRB5CCNAME=FILE:{self.folder}/tickets-{name}-{user}"] if user else []
        around = [*_named(name), "env", f"KRB5_CONFIG={self.krb5}", f"HOME={self.folder}/home-{name}", *cache, *command]
        home = self.folder / f"home-{name}"
        home.mkdir(exist_ok=True)
        return self.net.run(name, around, timeout_s, words.encode(), cwd=home).decode(errors="replace")

    def _controller(self) -> None:
        place = self.folder / "dc"
        empty = self.folder / "empty.conf"
        empty.write_text("[global]\n")
        _run(["samba-tool", "domain", "provision", f"--configfile={empty}", f"--targetdir={place}",
              f"--realm={conf.REALM}", f"--domain={conf.NETBIOS}", "--server-role=dc", "--dns-backend=SAMBA_INTERNAL",
              f"--adminpass={conf.ADMIN_PASSWORD}", "--host-name=dc1", f"--host-ip={CONTROLLER}"])  # fmt: skip
        settings = place / "etc/smb.conf"
        logs = place / "log"
        logs.mkdir()
        kept = [line for line in settings.read_text().splitlines() if "dns forwarder" not in line]
        extra = (f"\tinterfaces = eth0\n\tbind interfaces only = yes\n\tpid directory = {place}/run\n"
                 f"\tncalrpc dir = {place}/ncalrpc\n\twinbindd socket directory = {place}/run/winbindd\n"
                 f"\tntp signd socket directory = {place}/ntp\n\tldap server require strong auth = no\n"
                 f"\tdns update command = /bin/true\n{conf.audit(str(logs))}")  # fmt: skip
        settings.write_text("\n".join(kept).replace("[global]\n", f"[global]\n{extra}", 1) + "\n")
        (place / "run/winbindd").mkdir(parents=True)
        people = self.folder / "people.ldif"
        people.write_text(conf.directory_entries())
        _run(["ldbadd", "-H", str(place / "private/sam.ldb"), f"--configfile={settings}", str(people)])
        self.dcsyslog = Syslog(place / "log.sock", place / "log/syslog", "dc1")
        _run(["samba-tool", "domain", "passwordsettings", "set", "--min-pwd-age=0", "--history-length=0",
              f"--configfile={settings}", "-H", str(place / "private/sam.ldb")])  # fmt: skip
        self._serve("dc1", place, ["samba", "-F", "-s", str(settings)])
        listed = ["smbclient", "-L", CONTROLLER, "-U", self.admin()]
        self._until("dc1", lambda: "sysvol" in self.on("adm1", listed))

    def _server(self) -> None:
        place = self.folder / "fs"
        for below in (*conf.PLACES.values(), "log", "home", "c/windows/temp"):
            (place / below).mkdir(parents=True, exist_ok=True)
        settings = place / "smb.conf"
        settings.write_text(conf.member_conf(str(place), "FS1"))
        self.refill()
        join = ["net", "ads", "join", "-s", str(settings), "-U", self.admin(), "-S", CONTROLLER]
        self._until("fs1", lambda: "Joined" in self.on("fs1", join))
        self.syslog = Syslog(place / "log.sock", place / "log/syslog", "fs1")
        self._serve("fs1", place, ["winbindd", "-F", "--no-process-group", "-s", str(settings)])
        self._serve("fs1", place, ["smbd", "-F", "--no-process-group", "-s", str(settings)])
        for name, address in ((name, conf.ADDRESSES[name]) for name in ("fs1", "app1", "bk1")):
            self.on(
                "adm1", ["samba-tool", "dns", "add", CONTROLLER, conf.DOMAIN, name, "A", address, "-U", self.admin()]
            )
        self._until("fs1", lambda: "report-" in self.on("adm1", self.share(SERVER, "ward", "ls radiology/*")))

    def refill(self) -> None:
        """The file server's documents as they were at first."""
        ward = self.folder / "fs/ward"
        shutil.rmtree(ward, ignore_errors=True)
        ward.mkdir(mode=0o777)
        for path, words in conf.documents(7).items():
            (ward / path).parent.mkdir(mode=0o777, exist_ok=True)
            (ward / path).write_bytes(words)
        for path in (ward, *ward.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)

    def hashes(self) -> dict[str, str]:
        """The NT hash of each account, by its name: what an attacker has stolen before a scenario begins."""
        told = _run(["pdbedit", "-Lw", "-s", str(self.folder / "dc/etc/smb.conf")])
        fields = (line.split(":") for line in told.splitlines())
        return {words[0]: words[3] for words in fields if len(words) > 3}

    @staticmethod
    def admin() -> str:
        """Administrator with the password, as Samba's tools take it."""
        return f"{conf.NETBIOS}\\Administrator%{conf.ADMIN_PASSWORD}"

    def share(self, address: str, name: str, commands: str, user: str = "Administrator") -> list[str]:
        """smbclient's words for commands on a share, logged on by password."""
        return [
            "smbclient",
            f"//{address}/{name}",
            "-U",
            f"{conf.NETBIOS}\\{user}%{conf.password_of(user)}",
            "-c",
            commands,
        ]

    def _serve(self, name: str, place: Path, command: list[str]) -> None:
        """A server with names of domain users known (winbind's) and a syslog socket of its own."""
        devices = place / "dev"
        if not devices.exists():
            devices.mkdir()
            (devices / "log").touch()
        bind = [
            f"mount --bind {place}/run /run/samba",
            f"mount -t tmpfs none {devices}",
            f"touch {devices}/log",
            f"mount --bind {place}/log.sock {devices}/log",
        ]
        bind += [f"touch {devices}/{one}; mount --bind /dev/{one} {devices}/{one}" for one in _DEVICES]
        inside = "mkdir -p /run/samba; " + "; ".join(
            [
                *bind,
                f"mount --move {devices} /dev",
                f"hostname {name}",
                f"exec env KRB5_CONFIG={self.krb5} {' '.join(command)}",
            ]
        )
        etc = Path("/etc/netns", self.net.hosts[name].space, "nsswitch.conf")
        etc.write_text("passwd: files winbind\ngroup: files winbind\nhosts: files dns\n")
        self.net.start(name, ["unshare", "--uts", "sh", "-c", inside], place / "log" / f"{command[0]}.out")

    def _until(self, name: str, ready: Callable[[], bool]) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if ready():
                return
            time.sleep(0.5)
        raise LabError(f"{name} does not answer")


def _named(name: str) -> list[str]:
    """What gives a command the machine's own name."""
    return ["unshare", "--uts", "sh", "-c", f'hostname {name}; exec "$@"', name]


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise LabError(f"{command[0]}: {(done.stdout + done.stderr)[-400:]}")
    return done.stdout
