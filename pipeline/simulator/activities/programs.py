"""Programs that start on workstations on an ordinary day."""

from pipeline.simulator.activities.activity import Activity
from pipeline.simulator.draws import Weighted
from pipeline.simulator.verbs import process
from pipeline.simulator.verbs.process import EXPLORER, SYSTEM32
from pipeline.simulator.verbs.scene import Scene

_OFFICE = "C:\\Program Files\\Microsoft Office\\root\\Office16\\"
_EHR = "C:\\Program Files\\EHR Client\\ehr.exe"
_EDGE = "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe"
_SERVICES = SYSTEM32 + "services.exe"
# Image, arguments, parent, weight. {n} is a number.
_STARTS = (
    (_EHR, "--workspace {n}", EXPLORER, 20),
    (_EDGE, "--type=renderer --renderer-client-id={n}", _EDGE, 30),
    (_OFFICE + "OUTLOOK.EXE", "/recycle", EXPLORER, 8),
    (_OFFICE + "WINWORD.EXE", "/n C:\\Users\\Public\\letter-{n}.docx", EXPLORER, 8),
    (_OFFICE + "EXCEL.EXE", "/dde C:\\Users\\Public\\roster-{n}.xlsx", EXPLORER, 5),
    ("C:\\Program Files\\PACS Viewer\\viewer.exe", "-study {n}", _EHR, 7),
    (SYSTEM32 + "svchost.exe", "-k netsvcs -p -s Schedule", _SERVICES, 14),
    (SYSTEM32 + "conhost.exe", "0xffffffff -ForceV1", SYSTEM32 + "cmd.exe", 3),
    (SYSTEM32 + "taskhostw.exe", "KEYROAMING", SYSTEM32 + "svchost.exe", 5),
    (
        SYSTEM32 + "WindowsPowerShell\\v1.0\\powershell.exe",
        "-File C:\\IT\\inventory-{n}.ps1",
        SYSTEM32 + "svchost.exe",
        1,
    ),
    (SYSTEM32 + "cmd.exe", "/c C:\\IT\\map-drives.cmd", SYSTEM32 + "userinit.exe", 2),
    (SYSTEM32 + "wbem\\WMIC.exe", "cpu get name", SYSTEM32 + "cmd.exe", 0.3),
    (SYSTEM32 + "net.exe", "use H: \\\\srv-file1\\home", SYSTEM32 + "cmd.exe", 2),
    ("C:\\Program Files\\Updater\\update.exe", "/check", _SERVICES, 4),
    (SYSTEM32 + "ipconfig.exe", "/all", SYSTEM32 + "cmd.exe", 0.3),
    (SYSTEM32 + "whoami.exe", "", SYSTEM32 + "WindowsPowerShell\\v1.0\\powershell.exe", 0.2),
    (SYSTEM32 + "cmd.exe", "/c C:\\IT\\agent-check.cmd {n}", SYSTEM32 + "wbem\\WmiPrvSE.exe", 0.5),
    (_OFFICE + "splwow64.exe", "{n}", _OFFICE + "WINWORD.EXE", 0.6),
    (SYSTEM32 + "spoolsv.exe", "", _SERVICES, 2),
)
_TABLE = Weighted(_STARTS, [row[3] for row in _STARTS])


class Programs(Activity):
    """One to four starts on someone's workstation."""

    share = 0.10

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        person = d.pick(s.world.on_duty(ts))
        desk = s.world.desk(person, d)
        for _ in range(d.whole(1, 4)):
            image, arguments, parent, _weight = _TABLE.pick(d)
            name = image.rsplit("\\", 1)[1]
            command = f"{name} {arguments.format(n=d.whole(1, 9999))}".strip()
            process.start(s, ts, desk, person.id, image, command, parent)
            ts += d.lognormal(4, 1.0)
