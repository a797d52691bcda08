"""One source's line of production: documents in, rows, alerts and dead letters out. The same in worker and scan."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

import numpy as np
import pyarrow as pa

from pipeline.alerts.alert_state import AlertState
from pipeline.alerts.grouper import Grouper
from pipeline.charts.options import CareOptions
from pipeline.detectors.catalogue import catalogue
from pipeline.engine.contest import Contest
from pipeline.engine.engine import EngineConfig, Outcome
from pipeline.engine.health_rows import health_tables
from pipeline.engine.links import Links
from pipeline.engine.origin import Origin
from pipeline.engine.rows import scored_rows
from pipeline.engine.volumes import Volumes
from pipeline.errors import CheckpointError, ConfigError
from pipeline.features.batch import Batch
from pipeline.features.decode import Decoded, decode
from pipeline.features.documents import Documents
from pipeline.features.lists import Lists
from pipeline.features.pseudonyms import Pseudonymiser
from pipeline.features.recent_ids import RecentIds
from pipeline.incidents.options import IncidentOptions
from pipeline.runtime.clocks import clock_of
from pipeline.runtime.drift_alert import drift_alert, drift_key
from pipeline.runtime.front import CARE, ORDER, Front
from pipeline.runtime.lists.allowed import allowed_by
from pipeline.runtime.lists.files import read_lists
from pipeline.runtime.lists.learned_file import learned_of
from pipeline.runtime.lists.rule_files import rules_of
from pipeline.runtime.product import Product, State
from pipeline.runtime.relay.along import Along, OfCharts
from pipeline.runtime.relay.contacts import GivenContacts
from pipeline.runtime.relay.left_charts import LeftCharts
from pipeline.runtime.relay.logons import GivenLogons
from pipeline.runtime.relay.relay import FEEDS, onward
from pipeline.runtime.secrets import key_bytes
from pipeline.settings import Settings
from schemas.alert import Alert
from schemas.finding import Evidence
from schemas.note import VolumeNote
from schemas.sources import INPUTS

ALERTS = "alerts"
COPIES = "copies"
LINKS = "links"
MAX_DRIFTS = 1000
SHARED = "shared"
VOLUMES = "volumes"
VERSION = version("wardwatch")
_ALONG: Mapping[str, Callable[[int], Along]] = {
    "ehr": LeftCharts,
    "charts": OfCharts,
    "logs": GivenLogons,
    "network": GivenContacts,
}


@dataclass(frozen=True)
class Plan:
    """What lines are built from, once a process."""

    config: EngineConfig
    lists: Lists
    pseudonymiser: Pseudonymiser | None
    copies_window: int
    """Distinct event ids that each key group remembers to recognise copies; 0: none are looked for."""
    care: CareOptions = field(default_factory=CareOptions)
    """How long what is not explained waits."""
    incidents: IncidentOptions = field(default_factory=IncidentOptions)
    """What is put together, and when it is told."""

    @classmethod
    def of(cls, settings: Settings, *, make_keys: bool) -> "Plan":
        """From the settings. Raises ConfigError or UsageError when a key or list is missing or unusable."""
        pseudonymiser = None
        if settings.identifiers == "pseudonyms":
            pseudonymiser = Pseudonymiser(key_bytes(settings, "pseudonym_key", make=make_keys))
        lists = read_lists(settings.lists, settings.inventory, pseudonymiser.of if pseudonymiser else None)
        config = EngineConfig(
            key_groups=settings.key_groups,
            seed=settings.seed,
            disabled=settings.disabled,
            options=settings.detectors,
            river=settings.river,
            learned=learned_of(settings),
            rules=rules_of(settings),
            challengers=settings.challengers,
            fresh_challengers=settings.fresh_challengers,
        )
        known = {*catalogue(), *(spec.id for spec in config.river), *(m.id for m in config.learned)} - set(
            config.disabled
        )
        strange = sorted(set(config.challengers) - known)
        if strange:
            raise ConfigError(f"setting challengers: no detector that runs is called {strange[0][:64]!r}")
        care = CareOptions(settings.access_grace_h, settings.break_glass_h, settings.claim_wait_d)
        return cls(config, lists, pseudonymiser, settings.copies_window, care, settings.incidents)


class Line:
    """Decoder, engine and grouping of one source, with the state of every key group this process owns."""

    def __init__(self, source: str, plan: Plan) -> None:
        self.source = source
        self._plan = plan
        # What workers wrote has pseudonyms already.
        self._rewrite: Callable[[Sequence[bytes]], Documents] | None = (
            plan.pseudonymiser.rewriter_of_many(source) if plan.pseudonymiser and source not in FEEDS else None
        )
        self._front = Front(source, plan.config.key_groups, plan.lists, plan.care) if source in FEEDS else None
        along = _ALONG.get(source)
        self._along = None if along is None else along(plan.config.key_groups)
        """What rows that are given on take along, as only this key group knows it."""
        self.engine = Contest(source, plan.config, plan.lists)
        self.grouper = Grouper(VERSION, allowed_by(plan.lists))
        self._links = Links(source, plan.config.key_groups)
        self._volumes = Volumes(source, plan.config.key_groups, plan.lists) if source in INPUTS else None
        self._recent = RecentIds(plan.copies_window, plan.config.key_groups) if plan.copies_window else None
        self._no_rows: pa.Table | None = None
        self._drifts: dict[tuple[str, int], tuple[AlertState, Alert]] = {}
        """Told, by detector and day."""
        self._drifted: list[tuple[AlertState, Alert]] = []

    def process(
        self, documents: Sequence[bytes], topic: str, partition: int, offsets: np.ndarray, partitions: int = 1
    ) -> Product:
        """Score a chunk. `offsets` int64[n] ascending; events must come in log order within a partition, one of
        `partitions`, which divide the key groups."""
        decoded = self._decode(documents)
        refused, read = decoded.refused, len(decoded.rows)
        moved = decoded.batch.keep_in(partition, partitions)
        new = self._new(decoded)
        if len(new) < read:
            # Copies are rare: reading the others again costs the usual chunk nothing, and gives a batch as any other.
            rows = decoded.rows[new]
            again = self._decode([documents[i] for i in rows.tolist()])
            decoded = Decoded(again.batch, rows, ())
            moved = decoded.batch.keep_in(partition, partitions)
        places = offsets[decoded.rows]
        batch = decoded.batch
        clock = clock_of(batch.ts) if batch.n else 0.0
        if self._front is not None:
            released, places = self._front.pass_through(batch, places)
            clock = self._front.horizon(range(partition, self._plan.config.key_groups, partitions))
            batch = self._decode(released).batch
            batch.keep_in(partition, partitions)
        outcome = self.engine.process(batch, Origin(topic, partition, places))
        beside: Mapping[int, bytes] = {} if self._along is None else self._along.take(outcome)
        told = self.grouper.add(outcome.told) + self._withdraw(batch) + self._drift(topic, partition, offsets)
        latest = np.full(self._plan.config.key_groups, -np.inf)
        np.maximum.at(latest, batch.groups, batch.ts)
        return Product(
            rows=self._rows(outcome),
            alerts=told,
            refused=refused,
            latest=dict(enumerate(latest.tolist())),
            misplaced=moved if self.engine.detectors else 0,
            copies=read - len(new),
            onward=onward(outcome, self._plan.config.key_groups, beside),
            clock=clock,
            links=self._links.take(batch),
            volumes=self._count(outcome, range(partition, self._plan.config.key_groups, partitions)),
        )

    def _rows(self, outcome: Outcome) -> pa.Table:
        """Where nothing was scored, as with ticks alone, always the same table: making one takes 2 ms."""
        if outcome.batch.n:
            return scored_rows(outcome)
        if self._no_rows is None:
            self._no_rows = scored_rows(outcome)
        return self._no_rows

    def _drift(self, topic: str, partition: int, offsets: np.ndarray) -> list[Alert]:
        """Drift that the last batch showed: one alert a detector and day."""
        told = []
        for drift in self.engine.noticed:
            key = drift_key(drift)
            if key in self._drifts:
                continue
            if len(self._drifts) >= MAX_DRIFTS:
                self._drifts.clear()
            place = Evidence(topic=topic, partition=partition, offset=int(offsets[-1]), event_id="")
            self._drifts[key] = drift_alert(drift, place, VERSION, self.engine.version_of(drift.group)[0])
            self._drifted.append(self._drifts[key])
            told.append(self._drifts[key][1])
        return told

    def _count(self, outcome: Outcome, groups: range) -> list[VolumeNote]:
        """Hours of the partition that are over by now; the first key group has its number."""
        if self._volumes is None:
            return []
        self._volumes.take(outcome.batch, (row for hits in outcome.told for row in hits.rows.tolist()))
        return self._volumes.notes(groups.start, groups)

    def last_hours(self) -> list[VolumeNote]:
        """The hours that are not over: the end of a scan, which is one partition."""
        if self._volumes is None:
            return []
        return self._volumes.notes(0, range(self._plan.config.key_groups), everything=True)

    def close(self, latest: Mapping[int, float], activity: int) -> list[Alert]:
        """Last documents of alerts that are over by now, see `Grouper.close`."""
        return self.grouper.close(latest, activity)

    def _withdraw(self, batch: Batch) -> list[Alert]:
        """Take back what was found in accesses that are explained by now."""
        if self.source != "judged":
            return []
        told = []
        for row in np.flatnonzero(batch.number("withdrawn") == 1.0).tolist():
            event_id = batch.text("event_id", row) or ""
            told += self.grouper.withdraw(int(batch.groups[row]), float(batch.ts[row]), event_id)
        return told

    def _decode(self, documents: Sequence[bytes]) -> Decoded:
        return decode(self.source, documents, self._plan.config.key_groups, self._rewrite)

    def _new(self, decoded: Decoded) -> np.ndarray:
        """int64: the rows of the batch that are no copies; they are remembered."""
        batch = decoded.batch
        if self._recent is None:
            return np.arange(batch.n)
        return np.flatnonzero(~self._recent.copies(batch.hash("event_id"), batch.ts, batch.groups))

    def identity(self) -> str:
        """What a checkpoint must agree with."""
        plan = self._plan
        parts = [self.source, self.engine.state_version, str(plan.config.key_groups), str(plan.copies_window)]
        if self._front is not None:
            parts.append(repr(plan.care))
        return hashlib.blake2b("|".join(parts).encode(), digest_size=8).hexdigest()

    def state(self, groups: Sequence[int]) -> dict[str, dict[str, State]]:
        """Copies of the state of key groups."""
        return {
            group: {part: {name: array.copy() for name, array in arrays.items()} for part, arrays in state.items()}
            for group, state in self.views(groups).items()
        }

    def views(self, groups: Sequence[int]) -> dict[str, dict[str, State]]:
        """The state of key groups, partly as it lies: good until the next event."""
        return {str(g): self._state(g) for g in groups}

    def _state(self, group: int) -> dict[str, State]:
        state = self.engine.state(group) | {ALERTS: self.grouper.state(group), LINKS: self._links.state(group)}
        if self._volumes is not None:
            state[VOLUMES] = self._volumes.state(group)
        if self._front is not None:
            state |= self._front.state(group)
        if self._along is not None:
            state[SHARED] = self._along.state(group)
        return state if self._recent is None else state | {COPIES: self._recent.state(group)}

    def load(self, group: int, state: dict[str, State]) -> None:
        """Put back one key group. Raises CheckpointError when it does not fit."""
        parts = dict(state)
        alerts = parts.pop(ALERTS)
        self._links.load(group, parts.pop(LINKS, {}))
        if self._volumes is not None:
            self._volumes.load(group, parts.pop(VOLUMES, {}))
        if self._recent is not None:
            if COPIES not in parts:
                raise CheckpointError("checkpoint holds no recent event ids")
            self._recent.load(group, parts.pop(COPIES))
        if self._front is not None:
            self._front.load(group, {name: parts.pop(name) for name in (ORDER, CARE) if name in parts})
        if self._along is not None:
            self._along.load(group, parts.pop(SHARED, {}))
        self.engine.load(group, parts)
        self.grouper.load(group, alerts)

    def reset(self, group: int) -> None:
        """Forget one key group: it begins as new."""
        self.engine.reset(group)
        self.grouper.reset(group)
        self._links.load(group, {})
        if self._volumes is not None:
            self._volumes.load(group, {})
        if self._recent is not None:
            self._recent.load(group, {})
        if self._front is not None:
            self._front.load(group, {})
        if self._along is not None:
            self._along.load(group, {})

    def changed_alerts(self, *, everything: bool = False) -> list[tuple[AlertState, Alert]]:
        """Alerts for the table, see `Grouper.changed`."""
        drifted, self._drifted = self._drifted, []
        return [*drifted, *self.grouper.changed(everything=everything)]

    def tables(self) -> dict[str, pa.Table]:
        """What happened to the models since the last call: drift, challengers, versions, health; by table."""
        return health_tables(self.engine)
