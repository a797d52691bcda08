"""Shared files: sessions on a file server with the files they touch."""

from pipeline.simulator.documents import network
from pipeline.simulator.documents.network import Link
from pipeline.simulator.verbs.net import connect, link
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.host import Host

_STEMS = (
    "report",
    "minutes",
    "roster",
    "protocol",
    "invoice",
    "discharge",
    "letter",
    "budget",
    "training",
    "form",
)
_ENDS = ("docx", "xlsx", "pdf", "txt", "pptx", "jpg")
_FOLDERS = ("shared", "templates", "archive", "2024", "quality", "letters")


def home_share(s: Scene, department: str) -> tuple[Host, str]:
    """The server and the share where a department keeps its files."""
    server = s.world.servers["file1" if len(department) % 2 else "file2"]
    return server, f"\\\\{server.name}\\{department.split()[0].lower()}"


def filename(s: Scene) -> str:
    """A path on a share."""
    d = s.draws
    return f"{d.pick(_FOLDERS)}\\{d.pick(_STEMS)}-{d.whole(1, 4000)}.{d.pick(_ENDS)}"


def open_share(s: Scene, src: Host, server: Host) -> Link:
    """An SMB session."""
    return link(s, src, server, 445, "tcp", "smb")


def touch(
    s: Scene, ts: float, where: Link, share: str, verb: str, name: str, size: int, before: str | None = None
) -> None:
    """One file action: FILE_OPEN, FILE_READ, FILE_WRITE, FILE_RENAME, FILE_DELETE."""
    network.file(
        s.tape,
        ts,
        where,
        action=f"SMB::{verb}",
        share=share,
        filename=name,
        previous_filename=before,
        size_bytes=size,
    )


def work_on_files(s: Scene, ts: float, src: Host, server: Host, share: str) -> None:
    """An ordinary session: some files opened, a few written, now and then one renamed."""
    d = s.draws
    where = open_share(s, src, server)
    total_in = total_out = 2000
    at = ts
    for _ in range(d.whole(1, 5)):
        size = d.size(60_000, 1.4)
        name = filename(s)
        roll = d.random()
        if roll < 0.72:
            touch(s, at, where, share, "FILE_OPEN", name, size)
            total_in += size
        elif roll < 0.95:
            touch(s, at, where, share, "FILE_WRITE", name, size)
            total_out += size
        else:
            touch(s, at, where, share, "FILE_RENAME", filename(s), size, name)
        at += d.lognormal(2.5, 0.9)
    connect(s, ts, where, total_out, total_in, at - ts + 1.0)
