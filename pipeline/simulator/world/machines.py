"""The address plan and what stands in it: servers, workstations, medical devices, each with its own MAC."""

from dataclasses import dataclass

from pipeline.simulator.draws import Draws
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.staff import DEPARTMENTS

DOMAIN = "hosp.example"
NET = "10.20"
# Server: (host number in 10.20.1.0/24, what it listens on most).
SERVERS = {
    "dc1": 10,
    "dc2": 11,
    "dns1": 12,
    "mail1": 15,
    "proxy1": 16,
    "file1": 20,
    "file2": 21,
    "backup1": 25,
    "wsus1": 27,
    "print1": 28,
    "ehr1": 30,
    "ehr2": 31,
    "ehrdb1": 32,
    "pacs1": 35,
    "lis1": 38,
    "intf1": 40,
    "billing1": 45,
    "web1": 50,
    "monitor1": 55,
    "scan1": 60,
    "jump1": 65,
    "vpn1": 66,
    "research1": 70,
    "pump-gw": 75,
    "bms1": 80,
}


@dataclass(frozen=True, slots=True)
class DeviceClass:
    """How one class of medical device talks: to whom, over what, how often and how much."""

    name: str
    share: float
    segment: int
    vendor: str
    oui: str
    models: tuple[str, ...]
    server: str
    port: int
    proto: str
    service: str | None
    period_s: float
    bytes_out: int
    bytes_in: int


CLASSES = (
    DeviceClass(
        "infusion_pump",
        0.34,
        40,
        "Aldermed",
        "3c:a1:0e",
        ("FlowSure 3", "FlowSure 5"),
        "pump-gw",
        8443,
        "tcp",
        "ssl",
        30,
        840,
        610,
    ),
    DeviceClass(
        "patient_monitor",
        0.28,
        41,
        "Corvita",
        "58:d2:41",
        ("Vista M8", "Vista M12"),
        "intf1",
        2575,
        "tcp",
        "hl7",
        12,
        1480,
        120,
    ),
    DeviceClass("ventilator", 0.08, 41, "Corvita", "58:d2:41", ("Aera V2",), "intf1", 2575, "tcp", "hl7", 30, 960, 120),
    DeviceClass(
        "imaging",
        0.08,
        42,
        "Lumisys",
        "84:7b:e9",
        ("CT 64", "MR 15", "DX 2", "US 7"),
        "pacs1",
        11112,
        "tcp",
        "dicom",
        90,
        9_000_000,
        2_400,
    ),
    DeviceClass(
        "ecg", 0.06, 42, "Cardigan", "70:3f:c8", ("Trace 12",), "pacs1", 11112, "tcp", "dicom", 180, 210_000, 1_900
    ),
    DeviceClass(
        "lab_analyser",
        0.08,
        43,
        "Hemalytics",
        "a0:19:b7",
        ("Chem 400", "Hema 90"),
        "lis1",
        6661,
        "tcp",
        "hl7",
        20,
        2_300,
        260,
    ),
    DeviceClass(
        "building_control",
        0.08,
        44,
        "Thermacore",
        "28:6d:97",
        ("TC-20",),
        "bms1",
        502,
        "tcp",
        "modbus",
        15,
        24,
        42,
    ),
)


@dataclass(slots=True, frozen=True)
class Medical:
    """One medical device."""

    host: Host
    cls: DeviceClass
    model: str
    firmware: str


def mac(draws: Draws, oui: str) -> str:
    """A MAC address below a vendor's prefix."""
    tail = draws.rng.getrandbits(24)
    return f"{oui}:{tail >> 16 & 255:02x}:{tail >> 8 & 255:02x}:{tail & 255:02x}"


def build_servers(draws: Draws) -> dict[str, Host]:
    """Servers by short name."""
    return {n: Host(f"srv-{n}", f"{NET}.1.{i}", mac(draws, "0c:c4:7a"), "server", "IT") for n, i in SERVERS.items()}


def build_workstations(draws: Draws, staff: int) -> dict[str, list[Host]]:
    """Workstations by department: four for every five people, at least two a department."""
    out: dict[str, list[Host]] = {}
    for row, (department, (share, _)) in enumerate(DEPARTMENTS.items()):
        count = max(2, min(250, round(0.8 * share * staff)))
        code = "".join(word[0] for word in department.split()).lower() + department[1].lower()
        oui = draws.pick(("d4:be:d9", "e8:6a:64"))
        out[department] = [
            Host(f"ws-{code}-{i + 1:03d}", f"{NET}.{10 + row}.{i + 5}", mac(draws, oui), "workstation", department)
            for i in range(count)
        ]
    return out


def build_printers(draws: Draws, staff: int) -> list[Host]:
    """Network printers, one for every twelve people."""
    return [
        Host(f"prn-{i + 1:03d}", f"{NET}.50.{i + 10}", mac(draws, "9c:93:4e"), "printer")
        for i in range(min(240, max(3, staff // 12)))
    ]


def build_devices(draws: Draws, count: int) -> list[Medical]:
    """Medical devices by share of their class, at least one of each."""
    devices: list[Medical] = []
    used: dict[int, int] = {}
    for cls in CLASSES:
        for _ in range(max(1, round(cls.share * count))):
            number = used[cls.segment] = used.get(cls.segment, 9) + 1
            ip = f"{NET}.{cls.segment + 10 * (number // 250)}.{number % 250 + 1}"
            host = Host(f"{cls.name.replace('_', '-')}-{number:04d}", ip, mac(draws, cls.oui), cls.name, "Devices")
            firmware = f"{draws.whole(2, 4)}.{draws.whole(0, 3)}.{draws.whole(0, 2)}"
            devices.append(Medical(host, cls, draws.pick(cls.models), firmware))
    return devices
