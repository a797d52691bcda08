"""Honest work that looks like something else."""

from benchmarks.quality.lab import house
from benchmarks.quality.lab.routine import PACS
from benchmarks.quality.lab.scenario import scenario
from benchmarks.quality.lab.services import WATCHED
from benchmarks.quality.lab.stage import Stage

QUIET_H = 3


@scenario("quiet-hours")
def quiet_hours(stage: Stage) -> None:
    """What everything else may have been preceded by."""
    stage.wait(QUIET_H * 3600)


@scenario("dicom-day")
def dicom_day(stage: Stage) -> None:
    """A long examination is sent, and one room reads twenty patients."""
    images = [stage.folder / "images" / f"{patient}.dcm" for patient in house.PATIENTS[:60]]
    stage.at("ct", "storescu", "-aet", "CT1", "-aec", "ARCHIVE", PACS, 104, *images)
    for patient in house.PATIENTS[20:40]:
        keys = ("-k", "0008,0052=STUDY", "-k", f"0010,0020={patient}")
        stage.at("viewer", "findscu", "-S", "-aet", "VIEWER", "-aec", "ARCHIVE", PACS, 104, *keys, "-k", "0020,000d")
        stage.at("viewer", "movescu", "-S", "-aem", "VIEWER", "-aet", "VIEWER", "-aec", "ARCHIVE", PACS, 104, *keys)
        stage.wait(90)


@scenario("snmp-poller", "snmpwalk")
def snmp_poller(stage: Stage) -> None:
    """The monitor walks through what it watches."""
    for address in stage.addresses(WATCHED):
        stage.at("monitor", "snmpwalk", "-v2c", "-c", "public", address, "1.3.6.1.2.1", timeout_s=10)
        stage.wait(10)


@scenario("mistyped", "sshpass")
def mistyped(stage: Stage) -> None:
    """Two people mistype, and get in."""
    ssh = ("ssh", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")
    for desk, words in (
        ("desk2", ("summer-7-rain", "summer-7-Rain")),
        ("desk3", ("Summer7", "summer-7", "summer-7-Rain")),
    ):
        for word in words:
            stage.at(desk, "sshpass", "-p", word, *ssh, "m.keller@app.lab.example", "true")
            stage.wait(6)
        stage.at(desk, "curl", "-s", "ftp://app.lab.example/", "--user", f"m.keller:{words[0]}")
        stage.at(desk, "curl", "-s", "ftp://app.lab.example/", "--user", f"m.keller:{words[-1]}")
        stage.wait(120)


@scenario("approved-scan", "nmap")
def approved_scan(stage: Stage) -> None:
    """The monitor, which is on the list of scanners, looks for open ports."""
    stage.services.file("scanners.txt", house.WARD["monitor"][0] + "\n")
    stage.at("monitor", "nmap", "-sS", "-n", "-T4", "--top-ports", 100, "10.77.0.0/25", timeout_s=60)


@scenario("load-test", "ab")
def load_test(stage: Stage) -> None:
    """Somebody tries how many pages the web server gives."""
    stage.at("desk1", "ab", "-n", 2000, "-c", 10, "http://web.lab.example/about", timeout_s=40)


@scenario("crawler", "wget")
def crawler(stage: Stage) -> None:
    """The house's search engine reads two hundred pages."""
    pages = stage.list_of("pages", [f"http://web.lab.example/page{n}" for n in range(200)])
    stage.at("app", "wget", "-q", "-O", "/dev/null", "-i", pages, timeout_s=40)


@scenario("updaters")
def updaters(stage: Stage) -> None:
    """A page of maps is open at four desks and asks for news every minute."""
    for _ in range(60):
        for desk in ("desk2", "desk3", "desk4", "desk5"):
            stage.at(desk, "curl", "-sk", "-m", 5, "https://maps.city.example/check")
        stage.wait(55 + stage.random.uniform(0, 10))


@scenario("backup-rsync", "head")
def backup_rsync(stage: Stage) -> None:
    """The night's copy: much more than that of every hour, to the same place in the house."""
    stage.script("app", "head -c 60M /dev/urandom > night.bin")
    stage.at("app", "rsync", "-a", "night.bin", "rsync://files.lab.example/copies/", timeout_s=60)


@scenario("smb-copy", "smbclient")
def smb_copy(stage: Stage) -> None:
    """A desk takes a ward's letters and puts copies of them elsewhere."""
    stage.script("desk2", "mkdir -p letters")
    gets = "recurse; prompt; lcd letters; mget ward1 ward2 ward3"
    stage.at("desk2", "smbclient", "-N", "//files.lab.example/wards", "-c", gets, timeout_s=40)
    stage.wait(30)
    stage.at(
        "desk2",
        "smbclient",
        "-N",
        "//files.lab.example/wards",
        "-c",
        "recurse; prompt; mkdir new; cd new; lcd letters; mput ward*",
        timeout_s=40,
    )
