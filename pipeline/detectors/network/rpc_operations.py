"""What remote procedure calls and file accesses over SMB are good for, read from what sensors write of them.

Zeek names endpoint and operation (dce_rpc.log), Suricata the interface's identifier and the operation's number.
Identifiers as in Microsoft's Open Specifications (MS-SCMR, MS-TSCH, MS-DRSR, MS-RPRN, MS-EFSR, MS-WMI).
"""

from functools import cache

import numpy as np

from pipeline.detectors.network.terms import terms_in
from pipeline.features.batch import Batch
from pipeline.features.multi_pattern import Automaton, automaton

SERVICE, TASK, WMI, REPLICATE, COERCE, DUMP, LOOK, PROGRAM, OPENED, PLANTED, OBJECT, LISTED, SHELL, SHARE = range(14)
SAYS = (
    "installed, started or stopped a service on", "registered a task on", "ran a command by WMI on",
    "asked for password hashes of", "made itself called back by", "saved a registry hive of", "looked up accounts of",
    "put a program on", "opened the service manager of", "put a part of the system on",
    "called a program's object on", "listed accounts or sessions of", "opened a remote shell on",
    "opened a share for administrators of",
)  # fmt: skip
_OPERATIONS = {
    SERVICE: ("createservice", "startservice", "changeserviceconfig", "controlservice"),
    TASK: ("schrpcregistertask", "schrpcrun", "netrjobadd", "jobadd"),
    WMI: ("execmethod",),
    REPLICATE: ("drsgetncchanges", "dsgetncchanges", "drsreplicaadd"),
    COERCE: ("efsrpcopenfileraw", "efsrpcencryptfilesrv", "remotefindfirstprinterchangenotification",
             "efsrpcdecryptfilesrv", "efsrpcquery", "netrdfsaddstdroot", "isremotepathshadowcopied"),
    DUMP: ("baseregsavekey", "regsavekey"),
    LOOK: ("samrenumerate", "samrquerydisplayinformation", "samrlookup", "lsarlookupsids", "netrshareenum",
           "drscracknames"),
    LISTED: ("samrenumerateusers", "samrgetmembers", "netrsessionenum", "netrwkstauserenum", "netsessionenum"),
    OBJECT: ('"operation":"invoke"',),
    OPENED: ("openscmanager", "367abb81-9844-35f1-ad32-98f038001003", "86d35949-83c9-4044-b424-db363231fd0c",
             "1ff70682-0a51-30e8-076d-740be8cee98b", "e3514235-4b06-11d1-ab04-00c04fc2dcd2"),
}  # fmt: skip
_ADMIN_SHARES = ("\\admin$", "\\c$", "\\d$")
_BARE_SHARES = ("ADMIN$", "C$", "D$", "admin$", "c$", "d$")
"""Where a sensor leaves the machine out. IPC$ is none: whoever asks for a list of shares opens it."""
_PROGRAMS = (".exe", ".dll", ".sys", ".bat", ".cmd", ".ps1", ".vbs", ".msi", ".scr", ".hta", ".js")
_PARTS, _SYSTEM = (".dll", ".exe", ".sys"), ("system32\\", "syswow64\\")
_WRITES = ("SMB::FILE_WRITE", "SMB2_COMMAND_WRITE", "SMB::FILE_RENAME", "SMB2_FILE_CREATE", "SMB2_FILE_OVERWRITE",
           "SMB2_FILE_OVERWRITE_IF", "SMB2_FILE_SUPERSEDE")  # fmt: skip
MAPPED = ("map", "SMB2_COMMAND_TREE_CONNECT", "SMB1_COMMAND_TREE_CONNECT_ANDX")
"""A share is opened, as Zeek and Suricata tell it."""
_DELIVERED = ("\\spool\\", "\\driverstore\\", "\\grouppolicy\\", "\\repl\\", "\\ccm\\")
"""Below the system's folder, where printers, drivers, scripts and agents are put from afar."""
_PIPES = ("\\svcctl", "\\psexesvc", "\\atsvc", "\\remcom", "\\csexec", "\\paexec", "\\winreg", "svcctl")


@cache
def _of(words: tuple[str, ...]) -> Automaton:
    return automaton(words)


@cache
def _machine() -> tuple[Automaton, dict[int, np.ndarray]]:
    terms = [(sort, word) for sort, words in _OPERATIONS.items() for word in words]
    masks = {sort: np.zeros(1 + (len(terms) - 1 >> 6), np.uint64) for sort in _OPERATIONS}
    for k, (sort, _) in enumerate(terms):
        masks[sort][k >> 6] |= np.uint64(1) << np.uint64(k & 63)
    return automaton([word for _, word in terms]), masks


def rpc_sorts(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """int64[m]: what these dce_rpc records do, -1 for anything else."""
    machine, masks = _machine()
    found = terms_in(batch, rows, "detail", machine, escaped=True)
    out = np.full(len(rows), -1)
    for sort in (OPENED, LOOK, LISTED, OBJECT, SERVICE, TASK, WMI, COERCE, DUMP, REPLICATE):
        out[(found & masks[sort]).any(axis=1)] = sort
    return out


def shell_sorts(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """int64[m]: a request to the door of Windows Remote Management, or -1. Forwarded events go to doors below it."""
    length = batch.spans("uri")[1]
    asked = terms_in(batch, rows, "uri", _of(("/wsman",)))[:, 0] != 0
    query = terms_in(batch, rows, "uri", _of(("/wsman?",)))[:, 0] != 0
    return np.where(asked & batch.equals("method", "POST")[rows] & (query | (length[rows] == 6)), SHELL, -1)


def admin_share(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """bool[m]: the file event is about a share for administrators (ADMIN$, C$)."""
    named = terms_in(batch, rows, "share", _of(_ADMIN_SHARES))[:, 0] != 0
    return np.asarray(named | batch.is_in("share", _BARE_SHARES)[rows])


def file_sorts(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """int64[m]: a share for administrators opened, a program written to it or into the system's folder, a pipe of the
    service manager opened, or -1."""
    program = terms_in(batch, rows, "filename", _of(_PROGRAMS))[:, 0] != 0
    pipe = terms_in(batch, rows, "filename", _of(_PIPES))[:, 0] != 0
    writes = batch.is_in("action", _WRITES)[rows]
    length = batch.spans("filename")[1][rows]
    out = np.full(len(rows), -1)
    out[pipe & (length <= 24)] = OPENED
    admin = admin_share(batch, rows)
    out[batch.is_in("action", MAPPED)[rows] & admin] = SHARE
    out[program & writes & admin] = PROGRAM
    part, system, delivered = (
        terms_in(batch, rows, "filename", _of(words))[:, 0] != 0 for words in (_PARTS, _SYSTEM, _DELIVERED)
    )
    # Suricata names the share only where it was opened: a path from the system's root is on one for administrators.
    out[part & system & ~delivered & writes & (admin | (batch.hash("share")[rows] == 0))] = PLANTED
    return out
