"""What an ordinary day in the laboratory's hospital is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.quality.lab import house
from benchmarks.quality.lab.services import DAEMONS, PYTHON, WATCHED

if TYPE_CHECKING:
    from benchmarks.quality.lab.stage import Stage

DESKS = tuple(name for name in house.WARD if name.startswith("desk"))
PACS, ENGINE, HIS = (house.WARD[name][0] for name in ("pacs", "engine", "his"))


@dataclass(frozen=True)
class Routine:
    """Something that happens again and again, some 15 % around its period."""

    every_s: float
    play: Callable[["Stage"], None]


def message(stage: "Stage", machine: str, sender: str, kind: str, count: int) -> None:
    """HL7 messages to the interface engine."""
    stage.at(machine, PYTHON, DAEMONS / "mllp_send.py", ENGINE, 2575, sender, kind, count)


def _worklist(machine: str, title: str) -> Callable[["Stage"], None]:
    def play(stage: "Stage") -> None:
        words = ("-k", "0010,0010", "-k", "0040,0100[0].0040,0002=20261127")
        stage.at(machine, "findscu", "-W", "-aet", title, "-aec", "RIS", HIS, 105, *words)

    return play


def _images(machine: str, title: str) -> Callable[["Stage"], None]:
    def play(stage: "Stage") -> None:
        first = stage.random.randrange(len(house.PATIENTS) - 4)
        images = [stage.folder / "images" / f"{patient}.dcm" for patient in house.PATIENTS[first : first + 3]]
        stage.at(machine, "storescu", "-aet", title, "-aec", "ARCHIVE", PACS, 104, *images)

    return play


def _reading(stage: "Stage") -> None:
    """One patient is looked up and fetched."""
    patient = stage.random.choice(house.PATIENTS)
    keys = ("-k", "0008,0052=STUDY", "-k", f"0010,0020={patient}", "-k", "0020,000d")
    to = ("-aet", "VIEWER", "-aec", "ARCHIVE", PACS, 104)
    stage.at("viewer", "findscu", "-S", *to, *keys)
    stage.at("viewer", "movescu", "-S", "-aem", "VIEWER", *to, *keys[:4])


def _browsing(desk: str) -> Callable[["Stage"], None]:
    def play(stage: "Stage") -> None:
        for _ in range(stage.random.randint(1, 3)):
            site = stage.random.choice(house.READ)
            stage.at(desk, "curl", "-sk", "-m", 5, f"https://{site}/page{stage.random.randrange(40)}")
        stage.at(desk, "curl", "-s", "-m", 5, f"http://web.lab.example/search?id={stage.random.randint(1, 2)}")

    return play


def _letters(desk: str) -> Callable[["Stage"], None]:
    def play(stage: "Stage") -> None:
        number = stage.random.randrange(400)
        name = f"ward{number % 8}/letter{number:03d}.docx"
        orders = f"get {name} /dev/null; put {stage.folder}/images/{house.PATIENTS[0]}.dcm new{number}.docx"
        stage.at(desk, "smbclient", "-N", "//files.lab.example/wards", "-c", orders)

    return play


def _updates(stage: "Stage") -> None:
    for desk in DESKS:
        stage.at(desk, "curl", "-sk", "-m", 5, f"https://{house.UPDATES}/check")


def _guard(desk: str) -> Callable[["Stage"], None]:
    return lambda stage: stage.at(desk, "curl", "-sk", "-m", 5, f"https://{house.GUARD}/check") and None


def _clock(machine: str) -> Callable[["Stage"], None]:
    def play(stage: "Stage") -> None:
        server = f"server {house.SITES[house.TIME]} iburst maxsamples 1"
        stage.at(machine, "chronyd", "-Q", "-t", 2, "-f", "/dev/null", server, "cmdport 0", timeout_s=4)

    return play


def lease(desk: str) -> Callable[["Stage"], None]:
    """The desk asks for its address; what it is given it does not take."""

    def play(stage: "Stage") -> None:
        kept = (f"{stage.folder}/lease-{desk}", f"{stage.folder}/dhclient-{desk}.pid")
        words = ("-1", "-d", "-sf", "/bin/true", "-lf", kept[0], "-pf", kept[1], "eth0")
        stage.at(desk, "timeout", 1, "dhclient", *words, timeout_s=5)

    return play


def _polling(stage: "Stage") -> None:
    for address in stage.addresses(WATCHED):
        stage.at("monitor", "snmpget", "-v2c", "-c", "public", "-t", 1, "-r", 0, address, "1.3.6.1.2.1.1.3.0")


def _plant(stage: "Stage") -> None:
    stage.at("plant", "mbpoll", "-1", "-t", 4, "-r", 1, "-c", 10, house.WARD["controller"][0])


def _sensors(stage: "Stage") -> None:
    broker = house.WARD["broker"][0]
    words = ("-u", "sensors", "-P", "9-Birches", "-i", "fridge1", "-t", "fridge/1", "-m", stage.random.randint(3, 6))
    stage.at("sensors", "mosquitto_pub", "-h", broker, *words)


def _copies(stage: "Stage") -> None:
    stage.at("app", "rsync", "-a", stage.folder / "images", "rsync://files.lab.example/copies/", timeout_s=30)


def _admin(stage: "Stage") -> None:
    """Whoever administers looks at two servers from desk 1."""
    for machine in ("app", "web"):
        stage.at("desk1", *SSH, "-i", stage.folder / "key", f"root@{house.WARD[machine][0]}", "true")


SSH = (
    "ssh",
    "-o",
    "StrictHostKeyChecking=no",
    "-o",
    "UserKnownHostsFile=/dev/null",
    "-o",
    "BatchMode=yes",
    "-o",
    "ConnectTimeout=5",
)
ROUTINES = (
    Routine(300, _worklist("ct", "CT1")), Routine(420, _worklist("ultrasound", "US1")),
    Routine(600, _images("ct", "CT1")), Routine(900, _images("ultrasound", "US1")), Routine(240, _reading),
    Routine(60, lambda stage: message(stage, "his", "HIS", "ADT^A08", stage.random.randint(1, 3))),
    Routine(75, lambda stage: message(stage, "analyser", "LIS", "ORU^R01", stage.random.randint(1, 4))),
    *(Routine(720, _browsing(desk)) for desk in DESKS), *(Routine(900, _letters(desk)) for desk in DESKS[:4]),
    *(Routine(3000, lease(desk)) for desk in DESKS),
    *(Routine(600, _guard(desk)) for desk in DESKS),
    *(Routine(1024, _clock(machine)) for machine in ("files", "web", *DESKS[:3])),
    Routine(3600, _updates), Routine(600, _polling), Routine(120, _plant), Routine(120, _sensors),
    Routine(3600, _copies), Routine(1800, _admin),
)  # fmt: skip
