"""Report half of the second draw: brokers, controllers, engines and agents in a desk's hands, by other tools."""

from functools import partial

from benchmarks.quality.halves import HALVES
from benchmarks.quality.lab import house
from benchmarks.quality.lab.scenario import scenario
from benchmarks.quality.lab.services import DAEMONS, PYTHON, WATCHED
from benchmarks.quality.lab.stage import Stage

scene = partial(scenario, half=HALVES[1])
ROGUE = house.ROGUE
BROKER, CONTROLLER, ENGINE = (house.WARD[name][0] for name in ("broker", "controller", "engine"))


@scene("mqtt-ncrack", "ncrack", by=(ROGUE,))
def mqtt_ncrack(stage: Stage) -> None:
    """Three accounts of the broker, twenty passwords each."""
    users = stage.list_of("mqtt-users", ["sensors", "admin", "homeassistant"])
    words = stage.list_of("mqtt-words", [f"fridge{n}" for n in range(20)])
    stage.at(ROGUE, "ncrack", "-U", users, "-P", words, f"mqtt://{BROKER}:1883", timeout_s=60)


@scene("mqtt-look-in", "mosquitto_sub", by=(ROGUE,))
def mqtt_look_in(stage: Stage) -> None:
    """A desk asks every three minutes for whatever comes next on any topic, for an hour."""
    for _ in range(20):
        stage.at(ROGUE, "mosquitto_sub", "-h", BROKER, "-t", "+/#", "-C", 1, "-W", 1, timeout_s=4)
        stage.wait(170)


@scene("modbus-discover", "nmap", by=(ROGUE,))
def modbus_discover(stage: Stage) -> None:
    """Which units a controller has, by a script of nmap."""
    words = ("--script", "modbus-discover", "--script-args", "modbus-discover.aggressive=true", CONTROLLER)
    stage.at(ROGUE, "nmap", "-n", "-Pn", "-p", 502, *words, timeout_s=60)


@scene("modbus-set-quietly", by=(ROGUE,))
def modbus_set_quietly(stage: Stage) -> None:
    """One register is set, a quarter of an hour later another, by a program of ten lines."""
    for register in (3, 4, 7):
        stage.at(ROGUE, PYTHON, DAEMONS / "set_register.py", CONTROLLER, 502, register, 1)
        stage.wait(900)


@scene("hl7-ncat", "ncat", by=(ROGUE,))
def hl7_ncat(stage: Stage) -> None:
    """Orders typed by hand into an open connection."""
    head = "MSH|^~\\\\&|CPOE|WARD|ENGINE|LAB|20261127101500||ORM^O01|{n}|P|2.3"
    for number in range(5):
        words = f"\\013{head.format(n=number)}\\rPID|1||LAB00003\\rORC|NW|77{number}\\r\\034\\r"
        stage.script(ROGUE, f"printf '{words}' | ncat -w 2 {ENGINE} 2575", timeout_s=6)
        stage.wait(240)


@scene("snmp-bulk", "snmpbulkwalk", by=(ROGUE,))
def snmp_bulk(stage: Stage) -> None:
    """Two machines' interfaces and programs, in large pieces."""
    for address in stage.addresses(WATCHED[:2]):
        for tree in ("1.3.6.1.2.1.2", "1.3.6.1.2.1.25"):
            stage.at(ROGUE, "snmpbulkwalk", "-v2c", "-c", "public", "-Cr50", address, tree, timeout_s=10)
        stage.wait(30)


@scene("snmp-scripts", "nmap", by=(ROGUE,))
def snmp_scripts(stage: Stage) -> None:
    """What the agents say, by scripts of nmap."""
    words = ("-sU", "-n", "-Pn", "-p", 161, "--script", "snmp-info,snmp-interfaces,snmp-processes,snmp-netstat")
    stage.at(ROGUE, "nmap", *words, *stage.addresses(WATCHED), timeout_s=90)
