"""The servers of the laboratory's hospital, from Debian's packages, each with settings of its own in a folder."""

import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.quality.lab import daemons, house
from benchmarks.quality.lab.net import Net

TOOLS = (
    "dnsmasq", "dcmqrscp", "wlmscpfs", "dump2dcm", "storescp", "nginx", "sshd", "vsftpd", "telnetd", "socat", "smbd",
    "rsync", "snmpd", "mosquitto", "chronyd", "openssl", "ssh-keygen",
)  # fmt: skip
"""Of packages dnsmasq dcmtk nginx openssh-server vsftpd inetutils-telnetd socat samba rsync snmpd mosquitto chrony."""
PYTHON = sys.executable
DAEMONS = Path(daemons.__file__).parent
ACCOUNTS = {"m.keller": "summer-7-Rain", "service": "service", "admin": "9-Lindens-away"}
"""Accounts of the servers of the house; `service` has the password that it came with."""
TELNET = ("app", "ct", "ultrasound", "controller", "sensors", "analyser")
WATCHED = ("pacs", "web", "app", "files", "controller")
_IMAGE = """(0008,0016) UI =CTImageStorage
(0008,0018) UI [1.2.826.0.1.3680043.8.498.{number}.3]
(0008,0020) DA [20261101]
(0008,0060) CS [CT]
(0010,0010) PN [Test^Person{number:03d}]
(0010,0020) LO [{patient}]
(0020,000d) UI [1.2.826.0.1.3680043.8.498.{number}.1]
(0020,000e) UI [1.2.826.0.1.3680043.8.498.{number}.2]
(0020,0010) SH [{number}]
(0020,0013) IS [1]
(0028,0002) US 1
(0028,0004) CS [MONOCHROME2]
(0028,0010) US 128
(0028,0011) US 128
(0028,0100) US 8
(0028,0101) US 8
(0028,0102) US 7
(0028,0103) US 0
(7fe0,0010) OB {pixels}
"""
_ITEM = """(0008,0050) SH [A{number}]
(0010,0010) PN [Test^Person{number:03d}]
(0010,0020) LO [{patient}]
(0020,000d) UI [1.2.826.0.1.3680043.8.498.{number}.9]
(0040,0100) SQ
(fffe,e000) na
(0008,0060) CS [CT]
(0040,0001) AE [CT1]
(0040,0002) DA [20261127]
(0040,0003) TM [100000]
(fffe,e00d) na
(fffe,e0dd) na
"""
_ARCHIVE = """NetworkTCPPort = 104
MaxPDUSize = 16384
MaxAssociations = 32
HostTable BEGIN
viewer = (VIEWER, 10.77.0.41, 1104)
teaching = (TEACH1, 10.77.0.106, 1104)
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
ARCHIVE {folder} RW (2000, 1024mb) ANY
AETable END
"""
_NGINX = """daemon off; user root; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log; worker_processes 1;
events {{ worker_connections 256; }}
http {{
  access_log {folder}/nginx-access.log combined; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fast; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  client_max_body_size 64m; proxy_buffering off;
  server {{
    listen 80;
    location / {{ proxy_pass http://127.0.0.1:8081; proxy_set_header Host $host; }}
    location /office/ {{
      auth_basic "Office"; auth_basic_user_file {folder}/office; proxy_pass http://127.0.0.1:8081/;
    }}
  }}
}}
"""
_SAMBA = """[global]
private dir = {folder}
lock directory = {folder}
state directory = {folder}
cache directory = {folder}
pid directory = {folder}
ncalrpc dir = {folder}
log file = {folder}/log.smbd
disable netbios = yes
map to guest = Bad User
load printers = no
[wards]
path = {share}
read only = no
guest ok = yes
force user = root
"""


class Services:
    """Starts everything; `folder` keeps settings, keys and logs."""

    def __init__(self, net: Net, folder: Path) -> None:
        self._net, self.folder = net, folder

    def start(self) -> None:
        """All servers of the ward and outside."""
        self._accounts()
        self._names()
        self._imaging()
        self._web()
        self._shells()
        self._shares()
        self._things()
        self._outside()

    def file(self, name: str, words: str) -> Path:
        """A settings file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words)
        return path

    def _run(self, *command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, timeout=30)

    def _accounts(self) -> None:
        """Own accounts of the servers, laid over the machine's by `ip netns exec`."""
        people = Path("/etc/passwd").read_text()
        words = [line for line in Path("/etc/shadow").read_text().splitlines() if not line.startswith("root:")]
        words.append("root:*:20000:0:99999:7:::")
        for number, (name, word) in enumerate(ACCOUNTS.items(), 4001):
            sealed = subprocess.run(["openssl", "passwd", "-6", word], capture_output=True, text=True, check=True)
            people += f"{name}:x:{number}:65534::/tmp:/bin/sh\n"
            words.append(f"{name}:{sealed.stdout.strip()}:20000:0:99999:7:::")
        for machine in TELNET:
            self._net.lay(machine, "passwd", people)
            self._net.lay(machine, "shadow", "\n".join(words) + "\n")

    def _names(self) -> None:
        told = [f"--address=/{name}/{address}" for name, address in house.SITES.items()]
        told += [f"--address=/{name}.lab.example/{address}" for name, (address, _) in house.WARD.items()]
        command = [
            "dnsmasq", "-k", "-u", "root", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--no-ping",
            "--log-queries", f"--log-facility={self.folder}/dnsmasq.log", *told,
            f"--pid-file={self.folder}/dnsmasq.pid",
            f"--server=/{house.TUNNEL_DOMAIN}/{house.SITES[house.CONTROL]}",
            "--log-dhcp", "--dhcp-range=10.77.0.180,10.77.0.239,1h", f"--dhcp-leasefile={self.folder}/leases",
            f"--dhcp-option=3,{house.ROUTER}",
        ]  # fmt: skip
        self._net.start("names", command)

    def _imaging(self) -> None:
        archive, items = self.folder / "archive", self.folder / "items" / "RIS"
        archive.mkdir()
        items.mkdir(parents=True)
        (items / "lockfile").touch()
        pixels = "\\".join(f"{n % 251:02x}" for n in range(128 * 128))
        for number, patient in enumerate(house.PATIENTS, 1):
            image = self.file(f"images/{patient}.txt", _IMAGE.format(number=number, patient=patient, pixels=pixels))
            self._run("dump2dcm", "-q", "+l", "100000", str(image), str(image.with_suffix(".dcm")))
            image.unlink()
            if number <= 10:
                item = self.file(f"items/{patient}.txt", _ITEM.format(number=number, patient=patient))
                self._run("dump2dcm", "-q", str(item), str(items / f"{patient}.wl"))
        settings = self.file("archive.cfg", _ARCHIVE.format(folder=archive))
        self._net.start("pacs", ["dcmqrscp", "-c", str(settings)], self.folder / "archive.log")
        self._net.start("his", ["wlmscpfs", "-dfp", str(items.parent), "105"], self.folder / "items.log")
        for machine in ("viewer", house.ROGUE):
            got = self.folder / f"got-{machine}"
            got.mkdir()
            self._net.start(machine, ["storescp", "-od", str(got), "1104"])

    def _web(self) -> None:
        word = subprocess.run(
            ["openssl", "passwd", "-apr1", "9-Lindens-away"], capture_output=True, text=True, check=True
        )
        self.file("office", f"admin:{word.stdout.strip()}\n")
        settings = self.file("nginx.conf", _NGINX.format(folder=self.folder))
        self._net.start("web", [PYTHON, str(DAEMONS / "site.py"), "8081"])
        self._net.start("web", ["nginx", "-c", str(settings), "-e", str(self.folder / "nginx-error.log")])

    def _shells(self) -> None:
        key = self.folder / "key"
        self._run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
        self._run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / "host"))
        Path("/run/sshd").mkdir(exist_ok=True)
        settings = self.file(
            "sshd_config",
            f"Port 22\nHostKey {self.folder}/host\nUsePAM no\nPermitRootLogin yes\nStrictModes no\nUseDNS no\n"
            f"AuthorizedKeysFile {key}.pub\nMaxAuthTries 6\nPidFile none\nMaxStartups 100\nLogLevel INFO\n",
        )
        sshd = "/usr/sbin/sshd"
        for machine in ("app", "web", "files", "pacs", "his", "engine", "outpost"):
            told = f"{sshd} -D -f {settings} -e 2>&1 | {PYTHON} {DAEMONS}/stamp.py {machine} sshd"
            self._net.start(machine, ["sh", "-c", told], self.folder / f"sshd-{machine}.log")
        ftp = self.file(
            "vsftpd.conf",
            "listen=YES\nbackground=NO\nlocal_enable=YES\nanonymous_enable=NO\nxferlog_enable=YES\ndual_log_enable=YES\n"
            f"vsftpd_log_file={self.folder}/vsftpd.log\nxferlog_file={self.folder}/xferlog\nseccomp_sandbox=NO\n",
        )
        self._net.start("app", ["vsftpd", str(ftp)])
        for machine in TELNET:
            self._net.start(machine, ["socat", "TCP-LISTEN:23,fork,reuseaddr", "EXEC:/usr/sbin/telnetd,nofork"])

    def letters(self) -> None:
        """The wards' letters as they were at first."""
        shutil.rmtree(self.folder / "share", ignore_errors=True)
        for number in range(400):
            self.file(f"share/ward{number % 8}/letter{number:03d}.docx", f"Letter {number}\n" * 300)

    def _shares(self) -> None:
        self.letters()
        settings = self.file("smb.conf", _SAMBA.format(folder=self.folder / "samba", share=self.folder / "share"))
        (self.folder / "samba").mkdir()
        self._net.start("files", ["smbd", "-F", "--no-process-group", "-s", str(settings)])
        copies = self.file(
            "rsyncd.conf",
            f"use chroot = no\nuid = root\ngid = root\n[copies]\npath = {self.folder}/copies\nread only = no\n",
        )
        (self.folder / "copies").mkdir()
        for machine in ("files", "outpost"):
            self._net.start(machine, ["rsync", "--daemon", "--no-detach", f"--config={copies}", "--log-file=/dev/null"])

    def _things(self) -> None:
        self._net.start("engine", [PYTHON, str(DAEMONS / "mllp.py"), "2575"])
        self._net.start("controller", [PYTHON, str(DAEMONS / "registers.py"), "502"])
        words = self.file("mosquitto.words", "")
        subprocess.run(["mosquitto_passwd", "-b", str(words), "sensors", "9-Birches"], check=True, capture_output=True)
        broker = self.file(
            "mosquitto.conf",
            f"listener 1883\nallow_anonymous true\npassword_file {words}\nlog_dest file {self.folder}/mosquitto.log\n"
            "log_timestamp_format %Y-%m-%dT%H:%M:%S\nuser root\n",
        )
        self._net.start("broker", ["mosquitto", "-c", str(broker)])
        agent = self.file("snmpd.conf", "agentaddress udp:161\nrocommunity public\nsysDescr Linux laboratory\n")
        for machine in WATCHED:
            self._net.start(
                machine, ["snmpd", "-f", "-Lo", "-C", "-c", str(agent), "-p", f"{self.folder}/snmpd-{machine}.pid"]
            )

    def _outside(self) -> None:
        chrony = self.file(
            "chrony.conf",
            f"local stratum 3\nallow all\npidfile {self.folder}/chrony.pid\ncmdport 0\nbindcmdaddress /\n",
        )
        self._net.start("sites", ["chronyd", "-d", "-x", "-u", "root", "-f", str(chrony)])
        pair = [str(self.folder / "site.pem"), str(self.folder / "site.key")]
        names = ",".join(f"DNS:{name}" for name in house.SITES)
        self._run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "90", "-subj", "/CN=sites.example", "-addext", f"subjectAltName={names}",
            "-out", pair[0], "-keyout", pair[1],
        )  # fmt: skip
        for machine in ("sites", "outpost"):
            self._net.start(machine, [PYTHON, str(DAEMONS / "site.py"), "80"])
            self._net.start(machine, [PYTHON, str(DAEMONS / "site.py"), "443", *pair])
