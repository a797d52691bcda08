"""Report half of the second draw: honest work that looks like what the other files play."""

from functools import partial

from benchmarks.quality.halves import HALVES
from benchmarks.quality.lab import house
from benchmarks.quality.lab.routine import SSH
from benchmarks.quality.lab.scenario import scenario
from benchmarks.quality.lab.services import WATCHED
from benchmarks.quality.lab.stage import Stage

scene = partial(scenario, half=HALVES[1])


@scene("ping-watch", "ping")
def ping_watch(stage: Stage) -> None:
    """The monitor pings what it watches, and a place outside, every ten seconds."""
    for _ in range(60):
        for address in (*stage.addresses(WATCHED), house.SITES[house.UPDATES]):
            stage.at("monitor", "ping", "-q", "-c", 1, "-W", 1, address, timeout_s=3)
        stage.wait(10)


@scene("large-pings", "ping")
def large_pings(stage: Stage) -> None:
    """Whoever administers tries which size of packets gets through to a place outside."""
    place = house.SITES[house.COPIES]
    for size in (56, 1000, 1372, 1400, 1464, 1472):
        stage.at("desk1", "ping", "-q", "-c", 25, "-i", 0.2, "-s", size, place, timeout_s=12)
        stage.wait(20)


@scene("quiet-shell", "ssh")
def quiet_shell(stage: Stage) -> None:
    """An open shell to a server of the house and one to a maker outside, hardly used."""
    at = ("-i", stage.folder / "key")
    inside = stage.start("desk1", *SSH, *at, f"root@{house.WARD['app'][0]}", "while sleep 3; do date; done")
    stage.wait(1500)
    stage.net.stop(inside)


@scene("doors-watched", "ncat")
def doors_watched(stage: Stage) -> None:
    """The monitor asks every five minutes whether its servers' doors are open; one has been closed."""
    doors = (("app", 22), ("web", 80), ("pacs", 104), ("engine", 2575), ("broker", 1883), ("files", 445), ("his", 8443))
    for _ in range(30):
        for machine, port in doors:
            stage.at("monitor", "ncat", "-z", "-w", 1, house.WARD[machine][0], port, timeout_s=3)
        stage.wait(300)


@scene("board-of-sensors", "mosquitto_sub")
def board_of_sensors(stage: Stage) -> None:
    """The plant's screen shows what the fridges' sensors say."""
    words = ("-u", "sensors", "-P", "9-Birches", "-i", "screen", "-t", "fridge/#")
    pid = stage.start("plant", "mosquitto_sub", "-h", house.WARD["broker"][0], *words)
    stage.wait(900)
    stage.net.stop(pid)


@scene("letters-out", "curl")
def letters_out(stage: Stage) -> None:
    """Photographs for a meeting: twelve megabytes to a site that all desks read."""
    stage.script("desk3", "head -c 12M /dev/urandom > photos.bin")
    stage.at("desk3", "curl", "-sk", "-T", "photos.bin", f"https://{house.READ[3]}/up", timeout_s=30)
