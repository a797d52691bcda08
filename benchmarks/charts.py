"""What the explainer costs: accesses a second on one core with a large hospital's memory, and what that memory weighs.

    python -m benchmarks.charts [--patients 1000000] [--users 20000] [--accesses 400000] [--json FILE]

Every patient gets an encounter and a claim or an order, every member of staff a record in all key groups; then come
accesses, of which one in twelve has no reason at first. Processor time of the explainer alone: documents are decoded
and made outside of it.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.bench import machine
from pipeline.charts.explainer import Explainer
from pipeline.charts.options import CareOptions
from pipeline.features.decode import decode
from pipeline.features.lists import Lists

GROUPS = 8
_CHUNK = 16_384
_DEPARTMENTS = 40
_T0 = 1_780_000_000
_SPAN_S = 86_400.0
_ROLES = ("nurse", "physician", "technician", "registrar")


def staff_of(users: int, groups: int = GROUPS) -> Iterator[bytes]:
    """Records of every member of staff, for so many key groups."""
    for group in range(groups):
        for user in range(users):
            yield (
                f'{{"ts":{_T0},"event_id":"s{group}-{user}","format":"fhir.Practitioner","kind":"practitioner",'
                f'"chart":"group-{group}","practitioner":"u{user}","department":"dep{user % _DEPARTMENTS}",'
                f'"role":"{_ROLES[user % 4]}","family_token":"f{user % 5003}","address_token":"a{user}"}}'
            ).encode()


def care_of(patients: int, users: int) -> Iterator[bytes]:
    """An encounter of every patient, an order for every third, within a day."""
    step = _SPAN_S / patients
    for p in range(patients):
        ts, chief = _T0 + 1 + p * step, p * 7 % users
        yield (
            f'{{"ts":{ts:.3f},"event_id":"c{p}","format":"fhir.Encounter","resource_id":"enc-{p:09d}",'
            f'"status":"in-progress","patient":"p{p:08d}","practitioner":"u{chief}",'
            f'"practitioners":["u{chief}","u{(chief + 40) % users}"],"department":"dep{chief % _DEPARTMENTS}",'
            f'"start_ts":{ts:.3f},"kind":"encounter","chart":"p{p:08d}"}}'
        ).encode()
        if p % 3 == 0:
            yield (
                f'{{"ts":{ts + 0.001:.3f},"event_id":"o{p}","format":"fhir.ServiceRequest","patient":"p{p:08d}",'
                f'"practitioner":"u{chief}","department":"dep{(chief + 1) % _DEPARTMENTS}","service":"blood count",'
                f'"kind":"order","chart":"p{p:08d}"}}'
            ).encode()


def accesses_of(count: int, patients: int, users: int, every_s: float = 0.02) -> Iterator[bytes]:
    """Accesses by those who treat, by their departments, and one in twelve by anybody, one every `every_s` seconds."""
    draw = np.random.default_rng(7)
    for first in range(0, count, _CHUNK):
        who = draw.integers(0, patients, _CHUNK)
        lucky, other = draw.random(_CHUNK), draw.integers(0, users, _CHUNK)
        for j in range(min(_CHUNK, count - first)):
            p, chief = int(who[j]), int(who[j]) * 7 % users
            user = chief if lucky[j] < 0.3 else (chief + 40 * (int(other[j]) % 40)) % users
            if lucky[j] > 1 - 1 / 12:
                user = int(other[j])
            ts = _T0 + _SPAN_S + 10 + (first + j) * every_s
            yield (
                f'{{"ts":{ts:.3f},"event_id":"a{first + j}","format":"fhir.AuditEvent","kind":"access",'
                f'"user":"u{user}","role":"{_ROLES[user % 4]}","department":"dep{user % _DEPARTMENTS}",'
                f'"patient":"p{p:08d}","action":"read","resource":"Observation","object_id":"obs-{first + j:010d}",'
                f'"purpose":"TREAT","outcome":"success","workstation":"ws-{user:05d}","src_ip":"10.1.2.3",'
                f'"site":"Main","application":"ehr","chart":"p{p:08d}"}}'
            ).encode()


class Run:
    """One explainer, and the processor time it takes."""

    def __init__(self) -> None:
        self.explainer = Explainer(GROUPS, Lists(), CareOptions())
        self.documents = self.given = 0

    def feed(self, documents: Iterator[bytes]) -> tuple[int, float, int]:
        """All documents in chunks: how many, processor seconds, how many were given on at once."""
        done, spent_s, given, chunk = 0, 0.0, 0, []
        for document in documents:
            chunk.append(document)
            if len(chunk) == _CHUNK:
                done, spent_s, given = self._play(chunk, done, spent_s, given)
                chunk = []
        return self._play(chunk, done, spent_s, given) if chunk else (done, spent_s, given)

    def _play(self, chunk: list[bytes], done: int, spent_s: float, given: int) -> tuple[int, float, int]:
        decoded = decode("charts", chunk, GROUPS)
        assert not decoded.refused
        offsets = np.arange(self.documents, self.documents + len(chunk))
        self.documents += len(chunk)
        began = time.process_time()
        judged = self.explainer.process(decoded.batch, offsets)
        return done + len(chunk), spent_s + time.process_time() - began, given + len(judged.documents)

    def checkpoint(self) -> dict[str, float]:
        """Seconds to take the state of all groups and to put it back, and its bytes."""
        began = time.process_time()
        states = [self.explainer.state(group) for group in range(GROUPS)]
        state_s = time.process_time() - began
        fresh = Explainer(GROUPS, Lists(), CareOptions())
        began = time.process_time()
        for group, state in enumerate(states):
            fresh.load(group, state)
        return {
            "state_s": state_s,
            "load_s": time.process_time() - began,
            "checkpoint_bytes": float(sum(a.nbytes for state in states for a in state.values())),
        }


def measure(patients: int, users: int, accesses: int) -> dict[str, Any]:
    """The whole benchmark."""
    run = Run()
    run.feed(accesses_of(_CHUNK // 4, 500, 100))  # compiles, and is forgotten
    run = Run()
    staff, staff_s, _ = run.feed(staff_of(users))
    care, care_s, _ = run.feed(care_of(patients, users))
    seen, access_s, given = run.feed(accesses_of(accesses, patients, users))
    return {
        "patients": patients,
        "users": users,
        "staff_per_s": staff / staff_s,
        "context_per_s": care / care_s,
        "accesses": seen,
        "accesses_per_s": seen / access_s,
        "judged_at_once": given / seen,
        "memory_bytes": run.explainer.state_bytes(),
        **run.checkpoint(),
    }


def command(title: str, what: Callable[[int, int, int], dict[str, Any]], description: str, accesses: int) -> None:
    """Read the options, measure, print. `what` takes patients, users and accesses."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--patients", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=20_000)
    parser.add_argument("--accesses", type=int, default=accesses)
    parser.add_argument("--json", help="also write the figures to this file")
    options = parser.parse_args()
    figures = what(options.patients, options.users, options.accesses)
    where = machine()
    table = Table(title=f"{title}, one core of {where['cpu']}, load {where['load_average']:.1f}")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in figures.items():
        table.add_row(name, f"{value:,.3f}" if value < 100 else f"{value:,.0f}")
    Console().print(table)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(figures, out, indent=1)


if __name__ == "__main__":
    command("Explainer", measure, __doc__, 400_000)
