"""Events a second of the worker, of the engine alone, of plain programs and of single limits, in one run.

    python -m benchmarks.bench [--events N] [--rounds R] [--only NAME …] [--peers PYTHON] [--json FILE] [--plot FILE]

Prints JSON. benchmarks/README.md says what is measured and how.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.corpus import simulate
from benchmarks.plot import draw
from benchmarks.roster import Load, Runner
from benchmarks.stage import cores, temporary_stage

OURS = ("worker", "engine")
LIMITS = ("fetch", "decode", "insert")
PEERS = ("quix_river", "bytewax_river")
_PEER_PART = 10  # the per-event programs get a tenth: they take as long for it
_PEER_ROWS = 5000  # their timed part is a multiple of their insert, so that its tail waits for nothing
Rounds = list[dict[str, float]]


def _loads(events: int, warmup: int, compression: str | None) -> Load:
    peer_events = max(events // _PEER_PART // _PEER_ROWS * _PEER_ROWS, min(_PEER_ROWS, events))
    return Load(
        corpus=simulate(warmup + events), warmup=warmup, events=events,
        peer_warmup=min(2000, warmup), peer_events=peer_events, compression=compression,
    )  # fmt: skip


def summary(rounds: Rounds) -> dict[str, Any]:
    """Medians over the rounds; `events_per_cpu_s` is what one core does when it does nothing else."""
    return {
        "events_per_s": round(median(r["events"] / r["wall_s"] for r in rounds)),
        "events_per_cpu_s": round(median(r["events"] / r["cpu_s"] for r in rounds)),
        "us_per_event": round(median(r["cpu_s"] / r["events"] for r in rounds) * 1e6, 2),
        "rounds": [{k: round(v, 3) for k, v in r.items()} for r in rounds],
    }


def ratios(found: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """How the candidates of one run compare: wall clock, and processor time (`_cpu`)."""
    out = {}
    for suffix, figure in (("", "events_per_s"), ("_cpu", "events_per_cpu_s")):
        speed = {name: float(result[figure]) for name, result in found.items()}
        for mine in (name for name in OURS if name in speed):
            for other in (name for name in ("plain_faust", *PEERS) if name in speed):
                out[f"{mine}_over_{other}{suffix}"] = round(speed[mine] / speed[other], 2)
        limits = [speed[name] for name in LIMITS if name in speed]
        if limits and "worker" in speed:
            out[f"worker_over_slowest_limit{suffix}"] = round(speed["worker"] / min(limits), 2)
    return out


def machine() -> dict[str, Any]:
    """Where this ran."""
    servers, candidates = cores()
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "python": platform.python_version(),
        "servers_on_core": servers,
        "candidate_on_core": candidates,
    }


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")


def run(names: Sequence[str], load: Load, rounds: int, peers_python: str) -> dict[str, Rounds]:
    """All candidates, interleaved, `rounds` times."""
    server_core, core = cores()
    found: dict[str, Rounds] = {name: [] for name in names}
    with temporary_stage(server_core) as (stage, folder):
        runner = Runner(stage, folder, core, load, peers_python)
        for number in range(rounds):
            for name in names:
                result = runner.run(name)
                found[name].append(result)
                speed, per_core = (result["events"] / result[k] for k in ("wall_s", "cpu_s"))
                _say(f"round {number + 1} {name}: {speed:,.0f} events/s, {per_core:,.0f} events/cpu-s")
    return found


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=400_000, help="timed events of our candidates")
    parser.add_argument("--warmup", type=int, help="events before them, default a tenth, at least 2,000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the result there too")
    parser.add_argument("--plot", type=Path, help="draw the result there, .png or .svg")
    parser.add_argument("--only", nargs="+", choices=(*OURS, "plain_faust", *LIMITS, *PEERS))
    parser.add_argument("--peers", metavar="VENV_PYTHON", help="also run what needs peers/requirements.txt")
    parser.add_argument("--compression", choices=("none", "lz4"), default="lz4", help="of the source topics")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    given = _arguments()
    names = given.only or [*OURS, "plain_faust", *LIMITS, *(PEERS if given.peers else ())]
    warmup = given.warmup or max(given.events // 10, 2000)
    load = _loads(given.events, warmup, None if given.compression == "none" else given.compression)
    where = machine()
    found = {n: summary(r) for n, r in run(names, load, given.rounds, given.peers or sys.executable).items()}
    result = {
        "machine": where,
        "protocol": {
            "records": "network events of the simulated hospital, the same for all from the first on",
            "mean_bytes": round(load.corpus.mean_bytes()),
            "events": load.events, "warmup_events_not_timed": load.warmup,
            "peer_events": load.peer_events, "peer_warmup_events_not_timed": load.peer_warmup,
            "rounds": given.rounds, "order": "interleaved", "figures": "medians over the rounds",
            "topic_compression": given.compression,
        },
        "candidates": found,
        "ratios": ratios(found),
    }  # fmt: skip
    text = json.dumps(result, indent=2)
    print(text)
    if given.json:
        given.json.write_text(text + "\n")
    if given.plot:
        draw(result, given.plot)


if __name__ == "__main__":
    main()
