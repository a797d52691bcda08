"""Archives, interface engines, controllers and brokers in the hands of a desk that has nothing to do with them."""

from benchmarks.quality.lab import house
from benchmarks.quality.lab.routine import HIS, PACS, message
from benchmarks.quality.lab.scenario import scenario
from benchmarks.quality.lab.services import TELNET, WATCHED
from benchmarks.quality.lab.stage import Stage

ROGUE = house.ROGUE
ARCHIVE = ("-aet", "TEACH1", "-aec", "ARCHIVE", PACS, 104)
CONTROLLER = house.WARD["controller"][0]
BROKER = house.WARD["broker"][0]


@scenario("dicom-enumerate", by=(ROGUE,))
def dicom_enumerate(stage: Stage) -> None:
    """All patients by one question, then each one's studies and their series."""
    stage.at(ROGUE, "echoscu", *ARCHIVE)
    stage.at(ROGUE, "findscu", "-P", *ARCHIVE, "-k", "0008,0052=PATIENT", "-k", "0010,0010=*", "-k", "0010,0020")
    for patient in house.PATIENTS:
        for level in ("STUDY", "SERIES"):
            keys = ("-k", f"0008,0052={level}", "-k", f"0010,0020={patient}", "-k", "0020,000d")
            stage.at(ROGUE, "findscu", "-S", *ARCHIVE, *keys)
        stage.wait(1)


@scenario("dicom-mass-move", by=(ROGUE,))
def dicom_mass_move(stage: Stage) -> None:
    """Every patient's images are sent to the desk."""
    for patient in house.PATIENTS[:80]:
        keys = ("-k", "0008,0052=PATIENT", "-k", f"0010,0020={patient}")
        stage.at(ROGUE, "movescu", "-P", "-aem", "TEACH1", *ARCHIVE, *keys)
        stage.wait(5)


@scenario("dicom-echo-sweep", "nmap", by=(ROGUE,))
def dicom_echo_sweep(stage: Stage) -> None:
    """Which machines are archives, and what titles they answer to."""
    for address in stage.addresses(("pacs", "his", "ct", "ultrasound", "viewer", "engine")):
        for title in ("ARCHIVE", "PACS", "ORTHANC", "DCM4CHEE", "ANY-SCP", "STORESCP", "QRSCP", "CONQUEST"):
            stage.at(ROGUE, "echoscu", "-to", 2, "-aet", "TEST", "-aec", title, address, 104, timeout_s=4)
    stage.at(ROGUE, "findscu", "-W", "-aet", "TEST", "-aec", "RIS", HIS, 105, "-k", "0010,0010")


@scenario("hl7-inject", by=(ROGUE,))
def hl7_inject(stage: Stage) -> None:
    """Results that no analyser has measured."""
    for _ in range(10):
        message(stage, ROGUE, "LIS", "ORU^R01", 4)
        stage.wait(20)


@scenario("hl7-orders-elsewhere", by=(ROGUE,))
def hl7_orders(stage: Stage) -> None:
    """Questions about one patient after the other."""
    for _ in range(6):
        message(stage, ROGUE, "HIS", "QRY^A19", 20)
        stage.wait(30)


@scenario("modbus-write", by=(ROGUE,))
def modbus_write(stage: Stage) -> None:
    """A desk sets what a controller keeps."""
    stage.at(ROGUE, "mbpoll", "-1", "-t", 4, "-r", 1, "-c", 10, CONTROLLER)
    for register in range(1, 6):
        stage.at(ROGUE, "mbpoll", "-t", 4, "-r", register, CONTROLLER, 99, timeout_s=5)
        stage.wait(5)


@scenario("modbus-registers", by=(ROGUE,))
def modbus_registers(stage: Stage) -> None:
    """A desk reads all units and registers of a controller."""
    for unit in range(1, 31):
        stage.at(ROGUE, "mbpoll", "-1", "-a", unit, "-t", 4, "-r", 1, "-c", 50, CONTROLLER, timeout_s=5)


@scenario("mqtt-wildcard", "mosquitto_sub", by=(ROGUE,))
def mqtt_wildcard(stage: Stage) -> None:
    """A desk listens to everything that the broker passes on."""
    pid = stage.start(ROGUE, "mosquitto_sub", "-h", BROKER, "-t", "#", "-t", "$SYS/#", "-v")
    stage.wait(900)
    stage.net.stop(pid)


@scenario("mqtt-guess", "mosquitto_pub", by=(ROGUE,))
def mqtt_guess(stage: Stage) -> None:
    """Passwords of the sensors' account are guessed."""
    for number in range(60):
        words = ("-u", "sensors", "-P", f"guess{number}", "-t", "x", "-m", "1")
        stage.at(ROGUE, "mosquitto_pub", "-h", BROKER, *words, timeout_s=5)


@scenario("snmp-walk", "snmpwalk", by=(ROGUE,))
def snmp_walk(stage: Stage) -> None:
    """A desk reads all that machines say of themselves."""
    for address in stage.addresses(WATCHED):
        stage.at(ROGUE, "snmpwalk", "-v2c", "-c", "public", address, timeout_s=8)


@scenario("snmp-communities", "onesixtyone", by=(ROGUE,))
def snmp_communities(stage: Stage) -> None:
    """Usual communities are tried on every address."""
    words = stage.list_of(
        "communities", ["private", "public", "cisco", "manager", "admin", "snmp", "monitor", "read", "write", "secret"]
    )
    hosts = stage.list_of("hosts", [f"10.77.0.{n}" for n in range(1, 120)])
    stage.at(ROGUE, "onesixtyone", "-c", words, "-i", hosts, timeout_s=60)


@scenario("telnet-botnet", "nmap", "hydra", by=("sensors",))
def telnet_botnet(stage: Stage) -> None:
    """A taken sensor looks for terminals, and tries the passwords that things come with."""
    stage.at("sensors", "nmap", "-sS", "-n", "-Pn", "-p", "23,2323", "10.77.0.0/25", timeout_s=60)
    pairs = stage.list_of(
        "pairs", ["root:root", "admin:admin", "root:xc3511", "root:vizxv", "user:user", "service:service"]
    )
    for address in stage.addresses([one for one in TELNET if one != "sensors"]):
        stage.at("sensors", "hydra", "-C", pairs, "-t", 2, "-I", f"telnet://{address}", timeout_s=40)
