"""What detectors of password guessing share: failed logons, and short sessions that end alike, counted."""

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import count_of, least, nearest, whole
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.network.second_sensor import SecondSensor
from pipeline.detectors.network.sides import Outsiders
from pipeline.features.batch import Batch
from pipeline.features.count_window import note_count
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine_many, mix64
from pipeline.features.multi_pattern import automaton, find_terms
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.features.unknown import filled, is_port
from schemas.finding import Feature

BUCKETS = 10  # per window
DAY_S = 86_400.0
CAPACITY = 512  # pairs of source and target per key group
ACCOUNTS = 1024  # of a source at a target, per key group
RETRIED_S, RETRY = 1.0, 0.25
"""Windows tries a refused name up to four times at once: a try within so long counts so much of one."""
PORTS = (21, 22, 23, 445, 2222, 2323, 3306, 3389, 5432, 5900)
SERVICES = ("ssh", "ftp", "telnet", "rdp", "smb", "mysql", "vnc", "rfb")
FOR_OTHERS = ("ldap", "imap", "pop3", "smtp", "sip", "mssql", "mysql", "postgresql", "mongodb", "socks")
USERS = 4
"""Services that gates ask for those who come to them (a portal its directory, webmail its mailboxes), and how many
different accounts get in at one of them from a gate within a day; of somebody who guesses, one or two."""
# Of Kerberos errors only these mean a wrong password or name; others belong to every normal logon (RFC 4120).
GUESSES = (
    "KDC_ERR_PREAUTH_FAILED",
    "KDC_ERR_C_PRINCIPAL_UNKNOWN",
    "KDC_ERR_CLIENT_REVOKED",
    "KRB_AP_ERR_BAD_INTEGRITY",
)
LOGON_PAGES = ("login", "logon", "signin", "sign-in", "sign_in", "xmlrpc.php", "j_security_check")
FAILURE, SESSION, OPENED, SUCCESS = range(4)  # a flow, and a logon of unknown outcome, may be the same session
LONGEST_S = 60.0  # a session in which somebody works lasts longer, or moves more
LARGEST = 20_000.0
KEY_EXCHANGE = 600.0  # bytes an SSH client sends before its first guess; monitors that read the greeting send less

PAGES = automaton(LOGON_PAGES)


class Guessing(Detector):
    """Failed logons, or short, small, similar sessions with logon services, per source and target, and per source.

    Failures are told by the sensor (Zeek's ssh, ftp, ntlm, kerberos, http with a name that was refused); where only
    flows are seen, established sessions under a minute and 20 kB whose size is within 50 % of the sessions before them
    stand for guesses, at a higher number, and so do RDP and SSH logons of unknown outcome and forms sent to pages of
    logon. An account refused again within a second counts a quarter: clients try again by themselves. Windows of ten
    minutes and, for patient guessers, of an hour and twice the number. Sessions that have been going on for more than a
    day are somebody's program: their alert stands. At directories, mailboxes and databases, machines from which four
    accounts got in within a day ask for their users, who mistype: they count nothing at services of that kind.
    """

    source = "network"
    attacks = ("T1110",)
    inputs = ("src_ip", "dst_ip", "dst_port", "service", "outcome", "error", "attempts", "duration_s", "bytes_out",
              "bytes_in", "status", "user", "method", "uri")  # fmt: skip
    reference = "Javed and Paxson, Detecting Stealthy, Distributed SSH Brute-Forcing, CCS 2013"
    defaults = {"window_s": 600.0, "failures": 10, "sessions": 25, "targets": 2.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        counts, marks = ((3, 2, BUCKETS), np.float32), ((3, 2, BUCKETS), np.int64)
        columns = {"counts": counts, "marks": marks, "size": ((), np.float64), "since": ((2,), np.float64)}
        self._pairs = EntityState(setup.groups, CAPACITY, columns)
        self._sources = EntityState(setup.groups, CAPACITY, columns)
        self._outsiders = Outsiders(setup.groups)
        self._second = SecondSensor(setup.groups)
        self._accounts = Sightings(setup.groups, ACCOUNTS)
        self._gates = WindowedDistinct(setup.groups, CAPACITY, DAY_S, 2 * USERS)
        self._parts: dict[str, Stateful] = {
            "pairs": self._pairs, "sources": self._sources, "outsiders": self._outsiders, "second": self._second,
            "accounts": self._accounts, "gates": self._gates,
        }  # fmt: skip

    def _counted(self, batch: Batch, *, outside: bool) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """(scores float64[n], evidence) of the logons and sessions of sources outside, or of all others."""
        failed, won, opened, weight = batch.shared("guessing logons", _logons)
        session = batch.shared("guessing sessions", _sessions)
        rows = np.flatnonzero((failed | won | opened | session) & (batch.hash("src_ip") != 0))
        rows = rows[self._outsiders.mark(batch, rows) == outside]
        rows = rows[~self._second.copies(batch, rows)]
        rows = rows[~self._for_others(batch, rows, won)]
        values = np.full(batch.n, np.nan)
        names = ("failures", "sessions", "spread", "success", "slow")
        evidence = {name: np.zeros(batch.n) for name in names}
        if len(rows):
            src, dst = batch.hash("src_ip")[rows], batch.hash("dst_ip")[rows]
            port = filled(batch.number("dst_port")[rows], -1.0).astype(np.int64).astype(np.uint64)
            weight = weight[rows] * self._retried(batch, rows, failed[rows])
            kind = np.select([failed, session, opened], [FAILURE, SESSION, OPENED], SUCCESS)[rows]
            size = filled(batch.number("bytes_out")[rows]) + filled(batch.number("bytes_in")[rows])
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
                        key, kind, weight, size, batch.ts[rows], batch.groups[rows], a["keys"], a["seen"],
                        a["counts"], a["marks"], a["size"], a["since"], float(self.option["window_s"]),
                        limits[0] * factor, limits[1] * factor,
                    )
                )  # fmt: skip
            wide = outs[1][:, 0] > outs[0][:, 0]
            best = np.where(wide[:, None], outs[1], outs[0])
            values[rows] = best[:, 0]
            columns = (best[:, 1], best[:, 2], wide, best[:, 3], best[:, 4])
            for name, column in zip(names, columns, strict=True):
                evidence[name][rows] = column
        return values, evidence

    def _for_others(self, batch: Batch, rows: np.ndarray, won: np.ndarray) -> np.ndarray:
        """bool[m]: rows of machines that ask for their users, `won`: bool[n]."""
        found = np.zeros(len(rows), np.bool_)
        asks = np.flatnonzero(batch.kind("auth")[rows] & batch.is_in("service", FOR_OTHERS)[rows])
        if len(asks):
            of = rows[asks]
            user = np.where(won[of], batch.hash("user")[of], np.uint64(0))
            gate = combine_many(batch.hash("src_ip")[of], batch.hash("service")[of])
            found[asks] = self._gates.add(gate, user, batch.ts[of], batch.groups[of]) >= USERS
        return found

    def _retried(self, batch: Batch, rows: np.ndarray, failed: np.ndarray) -> np.ndarray:
        """float64[m]: 1, less where an account (of the rows that `failed`) was refused there a moment ago."""
        src, dst, user = (batch.hash(name)[rows] for name in ("src_ip", "dst_ip", "user"))
        key = np.where(failed & (user != 0), combine_many(src, combine_many(dst, user)) | np.uint64(1), np.uint64(0))
        _, gap, _ = self._accounts.note(key, batch.ts[rows], batch.groups[rows])
        return np.where(gap < RETRIED_S, RETRY, 1.0)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        src, dst = named(batch, row, "src_ip"), named(batch, row, "dst_ip", otherwise="an unknown host")
        port = batch.value("dst_port", row)
        what = named(batch, row, "service", otherwise="" if port is None else f"port {int(port)}", limit=24)
        where = f"several machines, now {dst}," if e["spread"] else dst
        window = self.option["window_s"] * (6 if e["slow"] else 1)
        minutes = f"{window / 60:g} minutes"
        name, noun = ("failures", "failed logons") if e["failures"] else ("sessions", "short, similar sessions")
        if e["failures"]:
            story = f"{count_of(int(e['failures']), f'failed {what} logon')} from {src} to {where} within {minutes}"
        else:
            story = f"{int(e['sessions'])} short, similar {what} sessions from {src} to {where} within {minutes}"
        story += ", then one that succeeded." if e["success"] else ", as someone who guesses passwords makes."
        fewer, share = self._fewer(e[name], bool(e["success"]), float(scores.values[row]), self.limit(scores, row))
        features = [
            Feature(name=noun.replace(",", "").replace(" ", "_"), value=e[name], usual_low=0, usual_high=fewer - 1,
                    contribution=share),
            *([Feature(name="then_a_logon", value=1, usual_high=0, contribution=1.0 - share)] if e["success"] else []),
        ]  # fmt: skip
        return Explanation(story, f"Fewer than {fewer} {noun} within {minutes}.", features)

    @staticmethod
    def _fewer(count: float, success: bool, score: float, limit: float) -> tuple[int, float]:
        """(number that would have been found, share of the score that the number has): see the end of `_guess`."""
        if not success:
            return least(count, score, limit, 1.0), 1.0
        tries = max(2.0 * score - 1.0, 1e-6)
        enough = 0.5 * nearest(count, tries, 0.5)
        if limit > 0.5:
            enough = max(enough, nearest(count, tries, 2.0 * limit - 1.0))
        return whole(enough), 0.5 * tries / max(score, 0.5)


def _logons(batch: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(failed, succeeded, of unknown outcome: bool[n] each; number of attempts: float64[n])."""
    known = batch.kind("auth") & (batch.hash("src_ip") != 0)
    failed = known & batch.equals("outcome", "failure")
    if failed.any():
        kerberos = batch.equals("service", "kerberos")
        failed &= ~kerberos | batch.is_in("error", GUESSES)
    attempts = batch.number("attempts")
    weight = np.where(attempts >= 1.0, np.minimum(attempts, 100.0), 1.0)
    refused = batch.kind("http") & (batch.number("status") == 401) & (batch.hash("user") != 0)
    failed |= refused
    opened = known & batch.equals("outcome", "unknown") & batch.is_in("service", ("rdp", "ssh"))
    return failed, known & batch.equals("outcome", "success"), opened, weight


def _sessions(batch: Batch) -> np.ndarray:
    """bool[n]: short, small, answered flows of a logon service."""
    flow = batch.kind("flow") & (batch.number("bytes_in") > 0) & (batch.number("bytes_out") > 0)
    flow &= (batch.number("duration_s") <= LONGEST_S) & (batch.hash("src_ip") != 0)
    flow &= batch.number("bytes_in") + batch.number("bytes_out") <= LARGEST
    ssh = is_port(batch.number("dst_port"), (22, 2222)) | batch.equals("service", "ssh")
    flow &= ~ssh | (batch.number("bytes_out") >= KEY_EXCHANGE)
    flow &= is_port(batch.number("dst_port"), PORTS) | batch.is_in("service", SERVICES)
    posted = np.flatnonzero(batch.kind("http") & batch.equals("method", "POST"))
    if len(posted):
        start, length = batch.spans("uri")
        found = np.zeros((len(posted), 1), np.uint64)
        find_terms(
            batch.data, start[posted], length[posted],
            PAGES.columns, PAGES.goto, PAGES.quiet, PAGES.first, PAGES.bits, False, found,
        )  # fmt: skip
        flow[posted] = found[:, 0] != 0
    return flow


@nb.njit(cache=True, nogil=True)
def _guess(  # type: ignore[no-untyped-def]
    key, kind, weight, size, ts, groups, keys, seen, counts, marks, usual, since, window_s, failures, sessions
):
    """float64[m, 5]: score, failures, sessions, success, slow; kind is one of FAILURE … SUCCESS.

    State per slot: counts and marks [kind, fast or slow, BUCKETS], usual: running log size of
    sessions, since: begin of the present activity and its last event.
    The slow window is six times as long and twice as full.
    """
    out = np.zeros((len(key), 5))
    for i in range(len(key)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], mix64(key[i]), ts[i])
        if fresh:
            counts[g, slot] = 0
            marks[g, slot] = 0
            usual[g, slot] = 0.0
            since[g, slot] = ts[i]
        if ts[i] - since[g, slot, 1] > DAY_S:
            since[g, slot, 0] = ts[i]
        since[g, slot, 1] = max(since[g, slot, 1], ts[i])
        lasting = ts[i] - since[g, slot, 0] > DAY_S
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
                score = n / (n + full) * (0.5 if lasting and what != FAILURE else 1.0)
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
