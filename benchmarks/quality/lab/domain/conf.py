"""The settings of a domain's servers, and the people, services and files that are in it. All of it is made up."""

import base64
import random
from collections.abc import Sequence
from dataclasses import dataclass

REALM, NETBIOS, BASE = "WARD.EXAMPLE", "WARD", "DC=ward,DC=example"
DOMAIN = REALM.lower()
ADMIN_PASSWORD = "Kl1nik-Admin!"  # noqa: S105  of a domain that lives for minutes, behind no way out
NETWORK = "10.77.1"
DESKS = tuple(f"ws{number:02d}" for number in range(1, 13))
ADDRESSES = {
    **{name: f"{NETWORK}.{last}" for name, last in (("dc1", 10), ("fs1", 20), ("app1", 30), ("bk1", 40), ("box", 66),
                                                    ("adm1", 90))},
    **{desk: f"{NETWORK}.{100 + number}" for number, desk in enumerate(DESKS, 1)},
}  # fmt: skip
"""Controller, file server, application, backup, a stranger's machine, the administrator's, desks."""
PEOPLE = tuple(f"{letter}.{name}" for letter, name in zip("abcdefghijklmnopqrstuvwxyz", (
    "abel", "brand", "conrad", "dorn", "ebert", "falk", "gross", "hahn", "ilgen", "jung", "kern", "lenz", "maier",
    "noll", "otto", "pohl", "quast", "roth", "sauer", "thoma", "uhl", "vogt", "wolf", "xaver", "yung", "zorn",
), strict=True))  # fmt: skip
FORGOTTEN = ("g.gross", "u.uhl")  # whose password is the season's
SEASON = "Winter2026!"
_NORMAL, _NO_PREAUTH = 0x200, 0x400200
_RC4, _AES = 4, 24
_DOCUMENTS = ("docx", "xlsx", "pdf", "txt", "jpg", "pptx")
_ADMINS_ONLY = '\tvalid users = @"Domain Admins"\n'
PLACES = {"private dir": "private", "lock directory": "lock", "state directory": "state", "cache directory": "cache",
          "pid directory": "run", "ncalrpc dir": "ncalrpc", "winbindd socket directory": "run/winbindd"}  # fmt: skip
"""Where a member keeps what, below its folder."""
_ROOMS = ("radiology", "surgery", "billing", "nursing", "laboratory", "staff", "pharmacy", "it")


@dataclass(frozen=True)
class Service:
    """An account that a program uses; `spn` names what it answers as, `weak` that it knows RC4 only."""

    name: str
    password: str
    spn: str = ""
    weak: bool = False
    preauth: bool = True


SERVICES = (
    Service("svc-pacs", "Pacs-2019-store", "MSSQLSvc/pacsdb.ward.example:1433", weak=True),
    Service("svc-lab", "Labor#4711x", "HTTP/lab.ward.example"),
    Service("svc-ris", "R1s-interface", "HTTP/ris.ward.example", weak=True),
    Service("svc-backup", "B4ckup-nightly", "backup/bk1.ward.example"),
    Service("svc-print", "Pr1nt-server-9", "HOST/print.ward.example"),
    Service("svc-app", "App-l00kup-77"),
    Service("svc-old", "Altes-Geraet-1", preauth=False),
    Service("svc-fax", "Fax-gateway-22", preauth=False),
)


def password_of(name: str) -> str:
    """A person's or service's password."""
    known = {one.name: one.password for one in SERVICES} | {"Administrator": ADMIN_PASSWORD}
    return known.get(name) or (SEASON if name in FORGOTTEN else f"Pw-{name[2:]}-{len(name)}3x!")


def directory_entries() -> str:
    """LDIF of people and services."""
    entries = [_entry(name, password_of(name), _NORMAL, ()) for name in PEOPLE]
    for one in SERVICES:
        more = [f"msDS-SupportedEncryptionTypes: {_RC4 if one.weak else _AES}"]
        more += [f"servicePrincipalName: {one.spn}"] if one.spn else []
        entries.append(_entry(one.name, one.password, _NORMAL if one.preauth else _NO_PREAUTH, more))
    return "\n".join(entries)


def _entry(name: str, password: str, control: int, more: Sequence[str]) -> str:
    quoted = base64.b64encode(f'"{password}"'.encode("utf-16-le")).decode()
    lines = [
        f"dn: CN={name},CN=Users,{BASE}", "objectClass: user", f"sAMAccountName: {name}",
        f"userPrincipalName: {name}@{DOMAIN}", f"mail: {name}@{DOMAIN}", f"userAccountControl: {control}",
        f"unicodePwd:: {quoted}", *more,
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def documents(seed: int) -> dict[str, bytes]:
    """Files of a share by their path: some 240, of a few kilobytes each, text and what is packed already."""
    draw = random.Random(seed)
    files = {}
    for room in _ROOMS:
        for number in range(30):
            ending = draw.choice(_DOCUMENTS)
            size = draw.randrange(1_000, 40_000)
            packed = ending in ("jpg", "pdf", "docx", "xlsx", "pptx")
            words = draw.randbytes(size) if packed else b"a line\n" * (size // 7)
            files[f"{room}/report-{number:03d}.{ending}"] = words
    files["it/printers.xml"] = b'<Printers><Printer name="p1" cpassword="j1Uyj3Vx8TY9LtLZil2uAuZkFQA"/></Printers>'
    files["it/notes.txt"] = b"router: admin / see the safe\n"
    return files


def client_conf(resolver: str) -> str:
    """krb5.conf of a client, also for the servers."""
    return (
        f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_realm = false\n dns_lookup_kdc = false\n rdns = false\n"
        f"[realms]\n {REALM} = {{\n  kdc = {resolver}\n  kpasswd_server = {resolver}\n }}\n"
        f"[domain_realm]\n .{DOMAIN} = {REALM}\n {DOMAIN} = {REALM}\n"
    )


def audit(folder: str) -> str:
    """Samba's audit records of log-ons and of changes of the directory, each in a file of its own."""
    classes = "auth_json_audit:3 dsdb_json_audit:5 dsdb_password_json_audit:5 dsdb_group_json_audit:5"
    levels = " ".join(f"{one}@{folder}/{one.split(':')[0]}.log" for one in classes.split())
    return f"\tlog level = 1 {levels}\n\tlogging = file\n\tlog file = {folder}/log.%m\n\tmax log size = 0\n"


def member_conf(folder: str, name: str) -> str:
    """smb.conf of a file server in the domain, with the shares of a house and an administrator's."""
    lines = "".join(f"\t{key} = {folder}/{place}\n" for key, place in PLACES.items())
    return (
        f"[global]\n\tworkgroup = {NETBIOS}\n\trealm = {REALM}\n\tsecurity = ads\n\tnetbios name = {name}\n{lines}"
        "\tinterfaces = eth0\n\tbind interfaces only = yes\n\tload printers = no\n\twinbind use default domain = yes\n"
        "\tidmap config * : backend = tdb\n\tidmap config * : range = 10000-99999\n\ttemplate shell = /bin/false\n"
        f"\tidmap config {NETBIOS} : backend = rid\n\tidmap config {NETBIOS} : range = 100000-999999\n"
        "\tadmin users = @\"Domain Admins\"\n\tclient ipc signing = auto\n\tserver signing = auto\n"
        f"{audit(f'{folder}/log')}"
        "\tvfs objects = full_audit\n\tfull_audit:prefix = %u|%I|%m|%S\n\tfull_audit:failure = connect\n"
        "\tfull_audit:success = connect disconnect mkdirat renameat unlinkat create_file\n"
        + _share("ward", f"{folder}/ward") + _share("home", f"{folder}/home")
        + _share("C$", f"{folder}/c", _ADMINS_ONLY) + _share("ADMIN$", f"{folder}/c/windows", _ADMINS_ONLY)
    )  # fmt: skip


def _share(name: str, path: str, more: str = "") -> str:
    modes = "\tforce create mode = 0666\n\tforce directory mode = 0777\n"
    return f"[{name}]\n\tpath = {path}\n\tread only = no\n{modes}{more}"
