"""Somebody tries what they may do in a cloud, or works where nobody of the house ever did."""

import re
from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of, odds_of, whole
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.network.terms import terms_in
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many, hash_text
from pipeline.features.multi_pattern import automaton
from pipeline.features.naming import named
from schemas.finding import Feature

CLOUDS = ("AWS", "Microsoft cloud", "Okta", "Google cloud")
PRINCIPALS, ACTS, SERVICES, REGIONS, RING = 512, 4096, 16_384, 64, 32  # per key group; a cloud lies in one
HOUR_S, DAY_S = 3600.0, 86_400.0
SETTLED_S, KNOWN = 7 * DAY_S, 20.0
"""After a week and so many records, what somebody never used tells something."""
_REFUSED = automaton((
    "errorcode:accessdenied", "errorcode:unauthorizedoperation", "errorcode:client.unauthorized",
    "errorcode:notauthorized", "errorcode:authorizationerror", "errorcode:forbidden", "unauthorizedaccess",
    "status:{code:7,", "permission_denied", "authorizationfailed", "authorization_failed",
))  # fmt: skip
"""How AWS, Google and Azure say that somebody may not do what they asked for; quotes are dropped."""
_REGION = re.compile(r'"awsRegion" ?: ?"([a-z0-9-]{4,24})"')
_NOWHERE = tuple(f"{name}.amazonaws.com" for name in (
    "account", "billing", "budgets", "ce", "cloudfront", "globalaccelerator", "health", "iam", "organizations",
    "route53", "route53domains", "shield", "signin", "sso", "sts", "support", "trustedadvisor",
))  # fmt: skip
"""Services of no region: their records name the one that answered, which is where somebody is, or Virginia."""
_READS = ("Describe", "List", "Get", "Lookup", "Head", "Search", "BatchGet", "View")


class CloudExploring(Detector):
    """What is new of a principal within an hour adds up, and is told once the sum is 1.

    Each different act that is refused, unless it was refused before that day, counts 1/`refused`; each service that a
    principal known for a week never used counts 1/`services`; a region where nobody of the cloud ever did
    anything but look, once the cloud has been watched for a week, counts 1 (log-ons, rights and what else lies in no
    region do not).
    """

    id = "logs.cloud_exploring"
    title = "Somebody explores a cloud"
    severity = 3
    attacks = ("T1580", "T1526", "T1535")
    source = "logs"
    entity = ("user", "host")
    entity_type = "user"
    inputs = ("host", "user", "program", "event_code", "message", "data")
    cost = "some 3 µs a record of a cloud, nothing others; 280 bytes a principal, 40 an act or service"
    reference = "ATT&CK T1580, T1526, T1535; AWS, Security Incident Response Guide"
    misses = (
        "Those who know what they may do, ask slowly, or use what their principal uses daily; regions opened in a "
        "cloud's first week of being watched. A colleague with a new task looks alike."
    )
    defaults = {"refused": 8, "services": 10}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._principals = Sightings(setup.groups, PRINCIPALS)
        self._acts = Sightings(setup.groups, ACTS)
        self._usual = Sightings(setup.groups, SERVICES)
        self._regions = Sightings(setup.groups, REGIONS)
        self._refused = WindowedDistinct(setup.groups, PRINCIPALS, HOUR_S, RING)
        self._services = WindowedDistinct(setup.groups, PRINCIPALS, HOUR_S, RING)
        self._parts = {
            "principals": self._principals, "acts": self._acts, "usual": self._usual, "regions": self._regions,
            "refused": self._refused, "services": self._services,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("refused", "services", "region")}
        rows = np.flatnonzero(batch.is_in("host", CLOUDS) & (batch.hash("user") != 0))
        if len(rows):
            ts, groups = batch.ts[rows], batch.groups[rows]
            who = combine_many(batch.key_hash[rows], batch.hash("user")[rows]) | np.uint64(1)
            no = self._may_not(batch, rows)
            age, _, count = self._principals.note(who, ts, groups)
            act = np.where(no, batch.hash("event_code")[rows], np.uint64(0))
            lately = self._known_for(self._acts, who, act, ts, groups) < DAY_S
            tried = self._refused.add(who, np.where(lately, act, np.uint64(0)), ts, groups)
            service = batch.hash("program")[rows]
            fresh = self._known_for(self._usual, who, service, ts, groups) == 0
            fresh &= (age >= SETTLED_S) & (count >= KNOWN)
            used = self._services.add(who, np.where(fresh, service, np.uint64(0)), ts, groups)
            opened = self._opened(batch, rows, ~no)
            total = tried / float(self.option["refused"]) + used / float(self.option["services"]) + opened
            values[rows] = total / (1.0 + total)
            for name, column in zip(evidence, (tried, used, opened), strict=True):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def _known_for(
        self, memory: Sightings, who: np.ndarray, what: np.ndarray, ts: np.ndarray, groups: np.ndarray
    ) -> np.ndarray:
        """float64[m]: seconds for which a principal is known for it, 0 the first time alone; of nothing (0): inf."""
        key = np.where(what != 0, combine_many(who, what) | np.uint64(1), np.uint64(0))
        age, _, count = memory.note(key, ts, groups)
        return np.where(what == 0, np.inf, np.where(count == 0, 0.0, np.maximum(age, 1e-3)))

    def _may_not(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[m]: the cloud refused it for want of rights."""
        said = terms_in(batch, rows, "message", _REFUSED).any(axis=1)
        return np.asarray(said | terms_in(batch, rows, "data", _REFUSED, escaped=True).any(axis=1))

    def _opened(self, batch: Batch, rows: np.ndarray, done: np.ndarray) -> np.ndarray:
        """float64[m], 1: something is done, not looked at, in a region where nobody of the cloud ever did."""
        region, deed = np.zeros(len(rows), np.uint64), np.zeros(len(rows), np.bool_)
        somewhere = batch.equals("host", CLOUDS[0]) & ~batch.is_in("program", _NOWHERE)
        for k in np.flatnonzero(somewhere[rows] & done).tolist():
            match = _REGION.search(batch.text("message", rows[k]) or "")
            if match and not (batch.text("event_code", rows[k]) or "Get").startswith(_READS):
                region[k], deed[k] = np.uint64(hash_text(match[1]) | 1), True
        at, groups = batch.ts[rows], batch.groups[rows]
        watched, _, _ = self._regions.note(batch.key_hash[rows] | np.uint64(1), at, groups)
        key = np.where(deed, combine_many(batch.key_hash[rows], region) | np.uint64(1), np.uint64(0))
        age, _, _ = self._regions.note(key, at, groups)
        return np.where(deed & (watched >= SETTLED_S) & (age < HOUR_S), 1.0, 0.0)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        tried, used, opened = (float(column[row]) for column in scores.evidence.values())
        did = []
        if tried:
            did.append(f"was refused {count_of(tried, 'different act')} not asked for before")
        if used:
            did.append(f"used {count_of(used, 'service')} for the first time")
        if opened:
            match = _REGION.search(batch.text("message", row) or "")
            did.append(f"did something in the region {match[1] if match else ''}, where nobody here ever did")
        who, cloud = named(batch, row, "user"), named(batch, row, "host", otherwise="a cloud")
        message = f"Within an hour {who} {' and '.join(did) or 'did nothing new'} on {cloud}."
        odds = odds_of(self.limit(scores, row)) - opened
        each = float(self.option["refused"]), float(self.option["services"])
        fewer, others = whole(each[0] * (odds - used / each[1])), whole(each[1] * (odds - tried / each[0]))
        features = [
            Feature(name="acts_refused", value=tried, usual_low=0, usual_high=fewer - 1.0),
            Feature(name="new_services", value=used, usual_low=0, usual_high=others - 1.0),
            Feature(name="new_region", value=opened, usual_low=0, usual_high=0),
        ]
        normal = "Work in regions that the house uses."
        if not opened:
            more = tried / each[0] >= used / each[1]
            normal = (
                f"Fewer than {count_of(fewer, 'refused act') if more else count_of(others, 'new service')} an hour."
            )
        attacks = tuple(a for a, told in zip(self.attacks, (tried, used, opened), strict=True) if told)
        return Explanation(message, normal, features, attacks)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        call = {"kind": "line", "host": "AWS", "user": "eve", "program": "s3.amazonaws.com",
                "event_code": "ListBuckets", "message": '{"awsRegion":"eu-central-1"}'}  # fmt: skip
        no = call | {"message": '{"errorCode":"AccessDenied","awsRegion":"eu-central-1"}'}
        tried = [no | {"ts": 1e6 + k, "event_code": f"Describe{k}"} for k in range(8)]
        daily = [no | {"ts": 1e6 + DAY_S * d + k, "event_code": f"Describe{k}"} for d in range(3) for k in range(7)]
        usual = [call | {"ts": 1e6 + 3600.0 * k, "event_code": "PutObject"} for k in range(200)]
        services = [call | {"ts": 1e6 + 720_100.0 + k, "program": f"new{k}.amazonaws.com"} for k in range(10)]
        away = call | {"ts": 1e6 + 720_100.0, "event_code": "RunInstances", "message": '{"awsRegion":"sa-east-1"}'}
        return (
            Example("many things are refused", tried, True),
            Example("a program asks the same every day", daily, False),
            Example("services never used", [*usual, *services], True),
            Example("a region nobody used", [*usual, away], True),
            Example(
                "a log-on that another region answers",
                [*usual, away | {"event_code": "ConsoleLogin", "program": "signin.amazonaws.com"}],
                False,
            ),
            Example("a region is looked at", [*usual, away | {"event_code": "DescribeInstances"}], False),
            Example("one thing is refused", tried[:1], False),
        )
