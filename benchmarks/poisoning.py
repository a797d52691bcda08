"""Somebody teaches the detectors: what is taken grows by 5 % an hour. When does anybody notice, and at which price?

    python -m benchmarks.poisoning [--seeds N]

Four weeks of thirty machines that upload during office hours, and of thirty people who open charts. In the third week
one of them begins a ramp of 5 % an hour, around the clock, to a destination that others use too. Beside it the same
weeks without an attack: as they are, growing by 30 % within two weeks, and with a new backup that leaps to twenty
times the usual. Printed is the hour of the first finding about the attacker, by how much the day had grown by then, and
how many alerts (detector, entity, day) there were about anybody else.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import orjson

from pipeline.detectors.catalogue import catalogue
from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.features.decode import decode

START = 1_788_134_400.0
HOUR_S, DAY_S = 3600.0, 86_400.0
DAYS, RAMP_DAY = 28, 14
THINGS = 30
CHUNK = 4000
RAMP, GROWTH, LEAP = 1.05, 1.3, 20.0
ATTACKER = 7
STORIES = ("ramp", "quiet", "growing", "leap")
DETECTORS = {
    "network": ("network.exfiltration", "network.slow_exfiltration", "network.flow_anomaly", "network.creeping_upload"),
    "ehr": ("ehr.record_volume",),
}
FIELD = {"network": "src_ip", "ehr": "user"}


@dataclass(frozen=True)
class Heard:
    """What a detector said in one story."""

    first_h: float | None
    """Hours from the begin of the ramp to the first finding about the attacker."""
    grown: float
    """Amount an hour by then, in multiples of the usual."""
    others: int
    """Alerts about anybody else, or about anybody where there is no attack."""


def factor(story: str, who: int, hour: int) -> float:
    """By how much an hour differs from usual."""
    since = hour - 24 * RAMP_DAY
    if since < 0:
        return 1.0
    if story == "growing":
        return float(GROWTH ** min(since / (24 * 14), 1.0))
    if who != ATTACKER or story == "quiet":
        return 1.0
    return float(min(RAMP**since, 2000.0)) if story == "ramp" else LEAP


def amounts(story: str, seed: int) -> Iterator[tuple[int, int, float, np.random.Generator]]:
    """(hour, who, amount in multiples of the usual hour, generator): office hours, busier and quieter days."""
    rng = np.random.default_rng(seed)
    level = rng.lognormal(0.0, 0.6, THINGS)
    for hour in range(24 * DAYS):
        if hour % 24 == 0:
            mood = rng.lognormal(0.0, 0.4, THINGS)
        for who in range(THINGS):
            office = 8 <= hour % 24 < 18 and hour // 24 % 7 < 5
            taught = story == "ramp" and who == ATTACKER and hour >= 24 * RAMP_DAY
            if office or taught:
                usual = level[who] * (mood[who] if office else 0.4)
                yield hour, who, float(usual * factor(story, who, hour) * rng.lognormal(0.0, 0.5)), rng


def uploads(story: str, seed: int) -> Iterator[dict[str, object]]:
    """About 12 MB an hour a machine, in three flows."""
    for hour, who, amount, rng in amounts(story, seed):
        for _ in range(3):
            size = int(4e6 * amount * rng.lognormal(0.0, 0.5))
            yield {
                "kind": "flow", "proto": "tcp", "service": "ssl", "conn_state": "SF", "dst_port": 443,
                "ts": START + HOUR_S * hour + float(rng.random()) * HOUR_S, "src_ip": f"10.0.0.{who + 10}",
                "dst_ip": f"203.0.113.{int(rng.integers(1, 4))}", "bytes_out": max(size, 20_000), "bytes_in": 9000,
                "packets_out": 10 + size // 1400, "packets_in": 20, "duration_s": 1.0 + size / 5e6,
            }  # fmt: skip


def accesses(story: str, seed: int) -> Iterator[dict[str, object]]:
    """About three patients an hour a person; never more than 300."""
    for hour, who, amount, rng in amounts(story, seed):
        for patient in rng.integers(0, 20_000, int(min(rng.poisson(3.0 * amount), 300))).tolist():
            yield {
                "kind": "access", "user": f"u{who}", "role": "nurse", "department": "Medicine", "action": "read",
                "patient": f"p{patient}", "ts": START + HOUR_S * hour + float(rng.random()) * HOUR_S,
            }  # fmt: skip


def play(source: str, story: str, seed: int) -> dict[str, Heard]:
    """One story through the detectors concerned, as one batch after the other."""
    documents = sorted((uploads if source == "network" else accesses)(story, seed), key=lambda d: float(str(d["ts"])))
    known = DETECTORS[source]
    engine = Engine(source, EngineConfig(disabled=tuple(n for n in catalogue() if n not in known)))
    lines = [orjson.dumps({"format": "b", "event_id": str(i), **d}) for i, d in enumerate(documents)]
    attacker = str(f"10.0.0.{ATTACKER + 10}" if source == "network" else f"u{ATTACKER}")
    first: dict[str, float] = {}
    others: dict[str, set[tuple[str, int]]] = {name: set() for name in known}
    for begin in range(0, len(lines), CHUNK):
        batch = decode(source, lines[begin : begin + CHUNK], 8).batch
        for h in engine.process(batch, Origin("b", 0, np.arange(batch.n))).hits:
            for row in h.rows.tolist():
                who, ts = batch.text(FIELD[source], row) or "", float(batch.ts[row])
                hours = (ts - START) / HOUR_S - 24 * RAMP_DAY
                if story == "ramp" and who == attacker and hours >= 0:
                    first.setdefault(h.detector, hours)
                elif ts >= START + 10 * DAY_S:  # learning is over for all of them
                    others[h.detector].add((who, int(ts // DAY_S)))
    return {name: Heard(first.get(name), RAMP ** first.get(name, 0.0), len(others[name])) for name in known}


def main() -> None:
    """Print a table a source: medians over seeds, false alerts summed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(parser.parse_args().seeds)
    for source in DETECTORS:
        heard = {story: [play(source, story, seed) for seed in seeds] for story in STORIES}
        print(f"\n| {source} | first finding, h after the ramp began | grown by then | alerts about others: ", end="")
        print(" | ".join(STORIES) + " |\n|---|---|---|" + "---|" * len(STORIES))
        for name in heard["ramp"][0]:
            found = [run[name] for run in heard["ramp"] if run[name].first_h is not None]
            hours = " ".join(f"{x.first_h:.0f}" for x in found) or "never"
            grown = " ".join(f"{x.grown:.1f}x" for x in found) or "-"
            false = " | ".join(str(sum(run[name].others for run in heard[story])) for story in STORIES)
            print(f"| `{name}` | {hours} (of {len(seeds)}) | {grown} | {false} |")


if __name__ == "__main__":
    main()
