"""Somebody guesses passwords over the network: many failed logons, or many short sessions that end alike."""

from collections.abc import Mapping, Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.features.batch import Batch
from pipeline.features.count_window import note_count
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine_many, mix64
from pipeline.features.naming import named
from pipeline.features.state_parts import join_states, split_states
from schemas.finding import Feature

BUCKETS = 10  # per window
CAPACITY = 4096  # pairs of source and target per key group
PORTS = (21, 22, 23, 445, 2222, 2323, 3306, 3389, 5432, 5900)
SERVICES = ("ssh", "ftp", "telnet", "rdp", "smb", "mysql", "vnc", "rfb")
# Of Kerberos errors only these mean a wrong password or name; others belong to every normal logon (RFC 4120).
GUESSES = (
    "KDC_ERR_PREAUTH_FAILED",
    "KDC_ERR_C_PRINCIPAL_UNKNOWN",
    "KDC_ERR_CLIENT_REVOKED",
    "KRB_AP_ERR_BAD_INTEGRITY",
)
FAILURE, SESSION, OPENED, SUCCESS = range(4)  # a flow, and a logon of unknown outcome, may be the same session
LONGEST_S = 60.0  # a session in which somebody works lasts longer, or moves more
LARGEST = 20_000.0
KEY_EXCHANGE = 600.0  # bytes an SSH client sends before its first guess; monitors that read the greeting send less


class NetworkAuthBruteForce(Detector):
    """Failed logons, or short, small, similar sessions with logon services, per source and target, and per source.

    Failures are told by the sensor (Zeek's ssh, ftp, ntlm, kerberos); where only flows are seen, established
    sessions under a minute and 20 kB whose size is within 50 % of the sessions before them stand for guesses, at a
    higher number, and so do RDP and SSH logons of unknown outcome. Windows of ten minutes and, for patient guessers,
    of an hour and twice the number. A gateway that opens sessions for many users belongs on the list `allow`.
    """

    id = "network.auth_brute_force"
    title = "Password guessing over the network"
    severity = 3
    attacks = ("T1110",)
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    group_by = ("src_ip", "dst_ip")
    inputs = ("src_ip", "dst_ip", "dst_port", "service", "outcome", "error", "attempts", "duration_s", "bytes_out",
              "bytes_in")  # fmt: skip
    cost = "O(40) a logon or short session, O(1) others; 430 bytes a pair of source and target"
    reference = "Javed and Paxson, Detecting Stealthy, Distributed SSH Brute-Forcing, CCS 2013"
    defaults = {"window_s": 600.0, "failures": 10, "sessions": 25, "targets": 2.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        counts, marks = ((3, 2, BUCKETS), np.float32), ((3, 2, BUCKETS), np.int64)
        columns = {"counts": counts, "marks": marks, "size": ((), np.float64)}
        self._pairs = EntityState(setup.groups, CAPACITY, columns)
        self._sources = EntityState(setup.groups, CAPACITY, columns)
        self._parts = {"pairs": self._pairs, "sources": self._sources}

    def score(self, batch: Batch) -> Scores:
        failed, won, opened, weight = self._logons(batch)
        session = self._sessions(batch)
        rows = np.flatnonzero(failed | won | opened | session)
        values = np.full(batch.n, np.nan)
        names = ("failures", "sessions", "spread", "success", "slow")
        evidence = {name: np.zeros(batch.n) for name in names}
        if len(rows):
            src, dst = batch.hash("src_ip")[rows], batch.hash("dst_ip")[rows]
            port = np.nan_to_num(batch.number("dst_port")[rows], nan=-1.0).astype(np.int64).astype(np.uint64)
            kind = np.select([failed, session, opened], [FAILURE, SESSION, OPENED], SUCCESS)[rows]
            size = np.nan_to_num(batch.number("bytes_out")[rows]) + np.nan_to_num(batch.number("bytes_in")[rows])
            limits = (float(self.option["failures"]), float(self.option["sessions"]))
            spread = float(self.option["targets"])
            outs = []
            for state, key, factor in (
                (self._pairs, combine_many(src, combine_many(dst | np.uint64(1), port + np.uint64(2))), 1.0),
                (self._sources, src, spread),
            ):
                a = state.arrays()
                outs.append(
                    _guess(
                        key, kind, weight[rows], size, batch.ts[rows], batch.groups[rows], a["keys"], a["seen"],
                        a["counts"], a["marks"], a["size"], float(self.option["window_s"]),
                        limits[0] * factor, limits[1] * factor,
                    )
                )  # fmt: skip
            wide = outs[1][:, 0] > outs[0][:, 0]
            best = np.where(wide[:, None], outs[1], outs[0])
            values[rows] = best[:, 0]
            columns = (best[:, 1], best[:, 2], wide, best[:, 3], best[:, 4])
            for name, column in zip(names, columns, strict=True):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def _logons(self, batch: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """(failed, succeeded, of unknown outcome: bool[n] each; number of attempts: float64[n])."""
        known = batch.kind("auth") & (batch.hash("src_ip") != 0)
        failed = known & batch.equals("outcome", "failure")
        if failed.any():
            kerberos = batch.equals("service", "kerberos")
            failed &= ~kerberos | batch.is_in("error", GUESSES)
        attempts = batch.number("attempts")
        weight = np.where(attempts >= 1.0, np.minimum(attempts, 100.0), 1.0)
        opened = known & batch.equals("outcome", "unknown") & batch.is_in("service", ("rdp", "ssh"))
        return failed, known & batch.equals("outcome", "success"), opened, weight

    def _sessions(self, batch: Batch) -> np.ndarray:
        """bool[n]: short, small, answered flows of a logon service."""
        flow = batch.kind("flow") & (batch.number("bytes_in") > 0) & (batch.number("bytes_out") > 0)
        flow &= (batch.number("duration_s") <= LONGEST_S) & (batch.hash("src_ip") != 0)
        flow &= batch.number("bytes_in") + batch.number("bytes_out") <= LARGEST
        ssh = np.isin(batch.number("dst_port"), (22, 2222)) | batch.equals("service", "ssh")
        flow &= ~ssh | (batch.number("bytes_out") >= KEY_EXCHANGE)
        return flow & (np.isin(batch.number("dst_port"), PORTS) | batch.is_in("service", SERVICES))

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        src, dst = named(batch, row, "src_ip"), named(batch, row, "dst_ip", otherwise="an unknown host")
        port = batch.value("dst_port", row)
        what = named(batch, row, "service", otherwise="" if port is None else f"port {int(port)}", limit=24)
        where = f"several machines, now {dst}," if e["spread"] else dst
        window = self.option["window_s"] * (6 if e["slow"] else 1)
        minutes = f"{window / 60:g} minutes"
        if e["failures"]:
            story = f"{int(e['failures'])} failed {what} logons from {src} to {where} within {minutes}"
        else:
            story = f"{int(e['sessions'])} short, similar {what} sessions from {src} to {where} within {minutes}"
        story += ", then one that succeeded." if e["success"] else ", as someone who guesses passwords makes."
        normal = f"Fewer than {self.option['failures']} failed logons within {self.option['window_s'] / 60:g} minutes."
        features = [
            Feature(name="failed_logons", value=e["failures"], usual_low=0, usual_high=self.option["failures"] - 1),
            Feature(name="short_sessions", value=e["sessions"], usual_low=0, usual_high=self.option["sessions"] - 1),
        ]
        return Explanation(story, normal, features)

    def state(self, group: int) -> dict[str, np.ndarray]:
        return join_states(self._parts, group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        split_states(self._parts, group, state)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        auth = {"kind": "auth", "service": "ssh", "src_ip": "203.0.113.7", "dst_ip": "10.0.0.20", "dst_port": 22}
        failure = auth | {"outcome": "failure"}
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "203.0.113.7", "dst_ip": "10.0.0.20", "dst_port": 22,
                "duration_s": 2.0}  # fmt: skip
        guess = flow | {"bytes_out": 1900, "bytes_in": 2300}
        return (
            Example("failed logons", [failure | {"ts": 1e6 + 5 * i} for i in range(15)], True),
            Example(
                "six failures, then in",
                [failure | {"ts": 1e6 + 5 * i} for i in range(6)] + [auth | {"ts": 1e6 + 40, "outcome": "success"}],
                True,
            ),
            Example("sessions alike", [guess | {"ts": 1e6 + 3 * i} for i in range(40)], True),
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


@nb.njit(cache=True, nogil=True)
def _guess(  # type: ignore[no-untyped-def]
    key, kind, weight, size, ts, groups, keys, seen, counts, marks, usual, window_s, failures, sessions
):
    """float64[m, 5]: score, failures, sessions, success, slow; kind is one of FAILURE … SUCCESS.

    State per slot: counts and marks [kind, fast or slow, BUCKETS], usual: running log size of
    sessions. The slow window is six times as long and twice as full.
    """
    out = np.zeros((len(key), 5))
    for i in range(len(key)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], mix64(key[i]), ts[i])
        if fresh:
            counts[g, slot] = 0
            marks[g, slot] = 0
            usual[g, slot] = 0.0
        add = weight[i]
        if kind[i] == SESSION:
            log_size = np.log1p(size[i])
            alike = usual[g, slot] == 0.0 or abs(log_size - usual[g, slot]) < 0.405
            usual[g, slot] = log_size if usual[g, slot] == 0.0 else 0.8 * usual[g, slot] + 0.2 * log_size
            add = 1.0 if alike else 0.0
        best = 0.0
        for what in range(3):
            limit = failures if what == FAILURE else sessions
            for slow in range(2):
                bucket_s = window_s / BUCKETS * (6.0 if slow else 1.0)
                n = note_count(
                    counts[g, slot, what, slow], marks[g, slot, what, slow], bucket_s, ts[i],
                    add if kind[i] == what else 0.0,
                )  # fmt: skip
                full = limit * (2.0 if slow else 1.0)
                score = n / (n + full)
                if kind[i] == SUCCESS:
                    score = (0.5 + 0.5 * score) if what == FAILURE and n >= 0.5 * full else 0.0
                if score > best:
                    best = score
                    out[i, 4] = slow
                    out[i, 1] = n if what == FAILURE else 0.0
                    out[i, 2] = n if what != FAILURE else 0.0
        out[i, 0] = best
        out[i, 3] = kind[i] == SUCCESS
    return out
