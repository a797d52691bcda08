"""Somebody guesses passwords over the network: many failed logons, or many short sessions that end alike."""

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.detectors.detector import Example, Scores, Setup
from pipeline.detectors.network.even_tries import EvenTries
from pipeline.detectors.network.guessing import Guessing
from pipeline.detectors.network.many_ports import ManyPorts
from pipeline.features.batch import Batch

SOURCES = 256  # per key group
HELD = 0.49


class NetworkAuthBruteForce(Guessing):
    """Guesses of a machine of ours, per source and target and per source. A gateway that opens sessions for many
    users belongs on the list `allow`. One account that is tried again and again after the same pause is a program with
    a former password: it is not told unless that account gets in. Short sessions with many machines
    of one that tries port after port are its scan (`many_ports`). What strangers guess is `network.outside_guessing`.
    """

    id = "network.auth_brute_force"
    title = "Password guessing over the network"
    severity = 3
    entity = ("src_ip",)
    entity_type = "ip"
    cost = (
        "O(40) a logon or short session, O(1) others; "
        "770 bytes a pair of source and target, 80 a source and service, 40 an account; 8.4 MB"
    )
    misses = (
        "Fewer than ten guesses in ten minutes or twenty in an hour, guesses spread over many sources, guesses at one "
        "account as even as a clock, twenty seconds and more apart, and guesses over "
        "encrypted web forms; guesses at directories, mailboxes and databases from a machine whose users log on there "
        "through it; where only flows are seen, guessers whose sessions last long or differ in size."
    )

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._even = EvenTries(setup.groups, SOURCES)
        self._scans = ManyPorts(setup.groups)
        self._parts |= {"even": self._even, "scans": self._scans}

    def score(self, batch: Batch) -> Scores:
        values, evidence = self._counted(batch, outside=False)
        rows = np.flatnonzero(~np.isnan(values))
        if len(rows):
            src, user, client = (batch.hash(name)[rows] for name in ("src_ip", "user", "client"))
            user = np.where(user != 0, user, client)  # of a broker's clients only what they call themselves is known
            won = evidence["success"][rows] > 0
            even = rows[self._even.note(src, user, won, batch.ts[rows], batch.groups[rows])]
            values[even] = np.minimum(values[even], HELD)
        knocks = self._scans.mark(batch, rows)
        opened = (evidence["spread"][rows] > 0) & (evidence["failures"][rows] == 0)
        scan = rows[knocks & opened]
        values[scan] = np.minimum(values[scan], HELD)
        return Scores(values, evidence)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        auth = {"kind": "auth", "service": "ssh", "src_ip": "10.0.7.7", "dst_ip": "10.0.0.20", "dst_port": 22}
        failure = auth | {"outcome": "failure"}
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.7.7", "dst_ip": "10.0.0.20", "dst_port": 22,
                "duration_s": 2.0}  # fmt: skip
        guess = flow | {"bytes_out": 1900, "bytes_in": 2300}
        scan = [guess | {"ts": 1e6 + i, "dst_ip": f"10.0.1.{i // 10}"}
                | ({"dst_port": 100 + i % 10, "bytes_in": 0} if i % 10 < 9 else {}) for i in range(900)]  # fmt: skip
        web = {"kind": "http", "src_ip": "10.0.7.7", "dst_ip": "10.0.0.30", "dst_port": 80, "status": 401}
        asked = auth | {"service": "ldap", "dst_port": 389}
        portal = [asked | {"ts": 1e6 + 10 * i, "user": f"nurse{i}", "outcome": "failure" if i % 5 == 4 else "success"}
                  for i in range(120)]  # fmt: skip
        form = web | {"method": "POST", "uri": "/portal/Login.do", "status": 200, "bytes_in": 4100, "bytes_out": 60}
        return (
            Example("failed logons", [failure | {"ts": 1e6 + 5 * i} for i in range(15)], True),
            Example(
                "six failures, then in",
                [failure | {"ts": 1e6 + 5 * i} for i in range(6)] + [auth | {"ts": 1e6 + 40, "outcome": "success"}],
                True,
            ),
            *_of_slow_tries(failure, auth),
            Example("a portal asks a directory for its users, who mistype", portal, False),
            Example(
                "guesses at a database from a machine that asks a directory for its users",
                [*portal, *(failure | {"ts": 1e6 + 10 * i, "service": "mysql", "user": "root"} for i in range(40))],
                True,
            ),
            Example(
                "guesses at a directory",
                [asked | {"ts": 1e6 + 10 * i, "user": f"nurse{i}", "outcome": "failure"} for i in range(40)],
                True,
            ),
            Example("sessions alike", [guess | {"ts": 1e6 + 3 * i} for i in range(40)], True),
            Example("a scanner of ports that finds a door of each machine open", scan, False),
            Example("names refused by a web server", [web | {"ts": 1e6 + i, "user": "admin"} for i in range(15)], True),
            Example("a form sent again and again", [form | {"ts": 1e6 + 2 * i} for i in range(40)], True),
            Example("a web server that asks for a name first", [web | {"ts": 1e6 + i} for i in range(60)], False),
            Example(
                "a typing mistake",
                [failure | {"ts": 1e6 + 5 * i} for i in range(3)] + [auth | {"ts": 1e6 + 40, "outcome": "success"}],
                False,
            ),
            Example(
                "an administrator's sessions",
                [flow | {"ts": 1e6 + 60 * i, "bytes_out": 900 * 2 ** (i % 5), "bytes_in": 1500} for i in range(40)],
                False,
            ),
        )


def _of_slow_tries(failure: Mapping[str, object], auth: Mapping[str, object]) -> Sequence[Example]:
    """Every half minute, of a job and of somebody who guesses."""
    job = [{**failure, "ts": 1e6 + 30 * i, "user": "svc-report"} for i in range(90)]
    others = {**auth, "ts": 1e6 + 2750, "user": "srv7$", "outcome": "success"}
    names = [{**one, "user": f"nurse{i}"} for i, one in enumerate(job)]
    return (
        Example("a job with a former password", job, False),
        Example("a job with a former password on a machine whose other jobs get in", [*job, others], False),
        Example("as slowly, at one name after the other", names, True),
    )
