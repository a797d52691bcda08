"""A user logs on from two places at once: from two networks outside that nobody travels between so fast."""

from collections.abc import Sequence
from functools import cached_property
from ipaddress import ip_network

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import span_of
from pipeline.detectors.logs.logons import AT_THE_DESK, logons
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.addresses import EXTERNAL, address_blocks, address_kinds
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine_many, mix64
from pipeline.features.lists import UserList
from pipeline.features.naming import named
from schemas.finding import Feature

USERS, PAIRS, NETWORKS = 2048, 8192, 1024  # per key group
MONTH_S = 30 * 86_400.0
PLACES = 6  # networks remembered of a user
REMOTE_SESSION = 10.0
AT_DESK_SCORE = 0.6
EARTH_KM = 6371.0
KM_H = 900.0  # an airliner
NEAR_KM = 300.0  # networks of one provider are no further from each other than this, and places are not exact
COMMON = 3.0  # users a month of one host that make a network a provider's or the own one


class ImpossibleTravel(Detector):
    """Logons of one user from outside, from two networks (/16; /32 of IPv6) within `window_s`.

    Without places a network that is new to the user, used by few others, while a known one was used within the
    window scores 0.6, less for users who roam. With the list `places` (CIDR, lat, lon) the speed decides between
    networks that are on it: above 900 km/h over more than 300 km scores 0.75 and up, below scores 0.
    A public network in which somebody logged on at a desk's console this month is the house's, and no place outside.
    A remote session from a network outside that is new to the user, who logged on at a desk's console here within
    `at_desk_s`, scores 0.6 as well.
    """

    id = "logs.impossible_travel"
    title = "Logons from two places at once"
    severity = 3
    attacks = ("T1078",)
    source = "accounts"
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "src_ip", "action", "outcome", "logon_type", "network_users")
    lists = ("places",)
    cost = "O(6) a logon from outside; 300 bytes a user, 40 a network of a user: 8 MB in all"
    reference = "ATT&CK T1078; Microsoft, Impossible travel"
    misses = (
        "Without a list of places it knows networks, not distances: intruders behind the user's own provider, a "
        "common VPN or the hospital's gateway are not seen, and a telephone beside a home line looks like travel "
        "until both are known."
    )
    defaults = {"window_s": 7200.0, "at_desk_s": 1200.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        ring = ((PLACES,), np.float64)
        self._users = EntityState(
            setup.groups, USERS,
            {"network": ((PLACES,), np.uint64), "at": ring, "lat": ring, "lon": ring, "times": ring},
        )  # fmt: skip
        self._at_desk = WindowedDistinct(setup.groups, USERS, float(self.option["at_desk_s"]), 2)
        self._known = Sightings(setup.groups, PAIRS)
        self._desks = WindowedDistinct(setup.groups, NETWORKS, MONTH_S, 2)
        self._parts = {"users": self._users, "at_desk": self._at_desk, "known": self._known, "desks": self._desks}

    @cached_property
    def _places(self) -> np.ndarray:
        return places(self.setup.lists["places"])

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("minutes", "km", "networks", "here")}
        rows = logons(batch)
        here = self._here(batch, rows)
        start, length = batch.spans("src_ip")
        if len(rows):
            rows = rows[address_kinds(batch.data, start[rows], length[rows]) == EXTERNAL]
            rows = rows[~self._own(batch, rows)]
        if len(rows):
            ts, groups, user = batch.ts[rows], batch.groups[rows], batch.key_hash[rows]
            network, place = _networks(batch.data, start[rows], length[rows], self._places)
            users = np.nan_to_num(batch.number("network_users")[rows], nan=1.0)
            a = self._users.arrays()
            out = _travel(
                user, network, place, users, ts, groups, a["keys"], a["seen"], a["network"], a["at"], a["lat"],
                a["lon"], a["times"], float(self.option["window_s"]),
            )  # fmt: skip
            _, _, before = self._known.note(combine_many(user, network), ts, groups)
            both = here[rows] & (before == 0) & ~(out[0] >= AT_DESK_SCORE)
            values[rows] = np.where(both, AT_DESK_SCORE, out[0])
            for name, column in zip(evidence, (*out[1:], both), strict=True):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def _own(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[m]: from a public network that is the house's: desks stand in it."""
        block = address_blocks(batch.data, *(column[rows] for column in batch.spans("src_ip"))) | np.uint64(1)
        desk = np.where(np.isin(batch.number("logon_type")[rows], AT_THE_DESK), np.uint64(1), np.uint64(0))
        found: np.ndarray = self._desks.add(block, desk, batch.ts[rows], batch.groups[rows]) > 0
        return found

    def _here(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[n]: remote sessions of somebody who logged on at a console a moment ago."""
        found = np.zeros(batch.n, np.bool_)
        if len(rows):
            sort = batch.number("logon_type")[rows]
            came = np.where(np.isin(sort, AT_THE_DESK), np.uint64(1), np.uint64(0))
            count = self._at_desk.add(batch.key_hash[rows], came, batch.ts[rows], batch.groups[rows])
            found[rows] = (sort == REMOTE_SESSION) & (count > 0)
        return found

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        user, at = named(batch, row, "user"), named(batch, row, "src_ip")
        if e["here"]:
            limit = span_of(float(self.option["at_desk_s"]))
            message = f"{user} began a remote session from {at}, a network never used before, while at a desk here: a "
            message += f"logon at its console was less than {limit} ago."
            features = [Feature(name="logons_from_this_network_before", value=0, usual_low=1)]
            return Explanation(message, f"A network used before, or no logon at a desk within {limit}.", features)
        message = f"{user} logged on from {at} {e['minutes']:.0f} minutes after a logon from another network"
        message += f", {e['km']:.0f} km away." if e["km"] > 0 else " outside, and never before from this one."
        if e["km"] > 0:
            # From the speed of an airliner the score is 1 - ¼ · that speed / speed.
            hours = e["km"] / KM_H / max(0.25 / max(1.0 - self.limit(scores, row), 1e-3), 1.0)
            features = [
                Feature(name="speed", value=round(60.0 * e["km"] / max(e["minutes"], 3.0)), unit="km/h", usual_low=0,
                        usual_high=KM_H),
                Feature(name="distance", value=round(e["km"]), unit="km", usual_low=0, usual_high=NEAR_KM,
                        contribution=None),
            ]  # fmt: skip
            return Explanation(message, f"A logon there {span_of(3600.0 * hours)} later, or more.", features)
        window = float(self.option["window_s"])
        features = [
            Feature(name="logons_from_this_network_before", value=0, usual_low=1),
            Feature(name="time_between", value=round(e["minutes"], 1), unit="min", usual_low=window / 60),
            Feature(name="other_networks_of_the_user", value=e["networks"]),
        ]
        normal = f"A network from which the user logged on before, or {span_of(window)} between the two."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        logon = {"kind": "auth", "host": "vpn-1", "action": "logon", "outcome": "success", "user": "clerk1",
                 "account": "clerk1"}  # fmt: skip
        home = [logon | {"ts": 1e6 + 40_000.0 * i, "src_ip": "203.0.113.7"} for i in range(8)]
        away = logon | {"ts": 1e6 + 40_000.0 * 7 + 1800, "src_ip": "198.51.100.9"}
        desk = logon | {"ts": 1e6, "host": "ws-7", "logon_type": 2, "src_ip": "10.0.0.7"}
        session = logon | {"ts": 1e6 + 600, "host": "srv-1", "logon_type": 10, "src_ip": "198.51.100.9"}
        return (
            Example("at a desk and outside", [desk, session], True),
            Example("from home in the evening", [desk, session | {"ts": 1e6 + 40_000}], False),
            Example("elsewhere half an hour later", [*home, away], True),
            Example("elsewhere the next day", [*home, away | {"ts": 1e6 + 40_000.0 * 9}], False),
        )


def places(rows: UserList) -> np.ndarray:
    """float64[p, 4]: first and last IPv4 address, latitude and longitude, narrowest first; lines amiss are left out."""
    out = []
    for cidr, lines in rows.rows.items():
        try:
            net = ip_network(cidr, strict=False)
            lat, lon = (float(lines[0][name]) for name in ("lat", "lon"))
        except (ValueError, KeyError):
            continue
        if net.version == 4 and abs(lat) <= 90 and abs(lon) <= 180:
            out.append((int(net.network_address), int(net.broadcast_address), lat, lon))
    out.sort(key=lambda p: p[1] - p[0])
    return np.array(out, np.float64).reshape(-1, 4)


@nb.njit(cache=True, nogil=True)
def _networks(data, start, length, known):  # type: ignore[no-untyped-def]
    """(uint64[m], float64[2, m]): the /16 (IPv6: the first two parts) and latitude and longitude, NaN if unknown."""
    network, place = np.zeros(len(start), np.uint64), np.full((2, len(start)), np.nan)
    for i in range(len(start)):
        value, part, parts, head = 0, 0, 0, np.uint64(1469598103934665603)
        for j in range(start[i], start[i] + length[i]):
            b = data[j]
            if b == 46 or b == 58:
                parts += 1
                value, part = value * 256 + part, 0
            else:
                part = part * 10 + (b - 48)
            if parts < 2:
                head = (head ^ np.uint64(b)) * np.uint64(1099511628211)
        network[i] = mix64(head) | np.uint64(1)
        address = float(value * 256 + part)
        for k in range(len(known)):
            if parts == 3 and known[k, 0] <= address <= known[k, 1]:
                place[0, i], place[1, i] = known[k, 2], known[k, 3]
                break
    return network, place


@nb.njit(cache=True, nogil=True)
def _km(lat, lon, lat2, lon2):  # type: ignore[no-untyped-def]
    """Great-circle distance; NaN if a place is unknown."""
    a, b = np.radians(lat), np.radians(lat2)
    h = np.sin((a - b) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon - lon2) / 2) ** 2
    return 2.0 * EARTH_KM * np.arcsin(np.sqrt(min(h, 1.0)))


@nb.njit(cache=True, nogil=True)
def _travel(user, network, place, users, ts, groups, keys, seen, networks, at, lat, lon, times, window_s):  # type: ignore[no-untyped-def]
    """float64[4, m]: score, minutes since the logon elsewhere, km (0: unknown), networks of the user."""
    out = np.zeros((4, len(user)))
    for i in range(len(user)):
        g = groups[i]
        s, fresh = claim_slot(keys[g], seen[g], user[i], ts[i])
        if fresh:
            networks[g, s] = 0
            at[g, s] = -np.inf
            times[g, s] = 0.0
        mine, latest, known = -1, -1, 0
        for k in range(PLACES):
            if networks[g, s, k] == network[i]:
                mine = k
            elif networks[g, s, k] != 0:
                known += 1
                if latest < 0 or at[g, s, k] > at[g, s, latest]:
                    latest = k
        if latest >= 0 and abs(ts[i] - at[g, s, latest]) <= window_s:
            hours = abs(ts[i] - at[g, s, latest]) / 3600.0
            km = _km(lat[g, s, latest], lon[g, s, latest], place[0, i], place[1, i])
            out[1, i], out[3, i] = 60.0 * hours, known
            if km == km:
                out[2, i] = km
                speed = km / max(hours, 0.05)
                if km > NEAR_KM and speed > KM_H:
                    out[0, i] = 1.0 - 0.25 * KM_H / speed
            elif mine < 0 and users[i] < COMMON and times[g, s, latest] >= 3.0:
                out[0, i] = 0.6 if known <= 3 else 0.4
        if mine < 0:
            mine = 0
            for k in range(PLACES):
                if at[g, s, k] < at[g, s, mine]:
                    mine = k
            networks[g, s, mine] = network[i]
            at[g, s, mine] = ts[i]
            times[g, s, mine] = 0.0
        at[g, s, mine] = max(at[g, s, mine], ts[i])
        times[g, s, mine] += 1.0
        lat[g, s, mine], lon[g, s, mine] = place[0, i], place[1, i]
    return out
