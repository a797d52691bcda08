"""Programs started on machines."""

from pipeline.simulator.documents import logs
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.host import Host

SYSTEM32 = "C:\\Windows\\System32\\"
EXPLORER = "C:\\Windows\\explorer.exe"


def start(s: Scene, ts: float, host: Host, user: str, image: str, command: str, parent: str = EXPLORER) -> None:
    """A process creation as Sysmon writes it."""
    d = s.draws
    guid = f"{{{d.hex(8)}-{d.hex(4)}-{d.hex(4)}-{d.hex(4)}-{d.hex(12)}}}"
    logs.process(
        s.tape, ts,
        {
            "host": host.name, "program": "Microsoft-Windows-Sysmon", "pid": d.whole(400, 22000), "severity": 6,
            "message": "Process Create", "event_code": "1", "user": user,
        },
        action="start", image=image, command_line=command, parent_image=parent, process_guid=guid,
    )  # fmt: skip
