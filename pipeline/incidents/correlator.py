"""The part that turns notes into incidents: links, groups, weighs, and says when people should know."""

from collections.abc import Callable, Iterable

import numpy as np
import orjson
import pyarrow as pa

from pipeline.errors import CheckpointError
from pipeline.incidents.assessment import Assessment
from pipeline.incidents.asset import Asset
from pipeline.incidents.bundles import Bundles
from pipeline.incidents.document import incident_document
from pipeline.incidents.entity_risks import EntityRisks
from pipeline.incidents.group import Group
from pipeline.incidents.grouping import Grouping
from pipeline.incidents.links import Links
from pipeline.incidents.member import Member
from pipeline.incidents.options import HOUR_S, IncidentOptions
from pipeline.incidents.risk import Risks
from pipeline.incidents.rows import risk_rows
from pipeline.incidents.telling import Telling
from pipeline.incidents.web import Web
from schemas.incident import Incident
from schemas.note import FindingNote, LinkNote, VerdictNote, VolumeNote

_FORM = 1
"""Of the checkpoint."""
_STEP_S = 86_400.0
"""Event time moves on by so much with one note at most."""
_MAX_WAITING = 10_000
"""Documents and rows that nobody fetched: the latest of each incident is kept, the oldest go first."""


class Correlator:
    """Takes notes one by one; documents and rows are given since the last time they were asked for.

    State: up to `max_members` alerts of 1.5 KB, `max_links` pairs of 0.2 KB and `max_counts` counts of 50 bytes, some
    35 MB at most, a few hundred kilobytes in a quiet hospital. A note costs some 0.1 ms, one of a flood less.
    """

    def __init__(
        self,
        options: IncidentOptions,
        assets: Callable[[str, str], Asset | None],
        assess: Callable[[FindingNote], Assessment],
        product_version: str = "unversioned",
    ) -> None:
        """`assets` gives what the inventory says of (type, value), lower case; `assess` how likely an alert is real."""
        self._options = options
        self._assess = assess
        self._assets = assets
        self._version = product_version
        self._risks = Risks(options, assets, lambda m: self._web.causes(m))
        self._begin()

    def _begin(self) -> None:
        self._links = Links(self._options)
        self._web = Web(self._options, self._assets, self._links)
        self._grouping = Grouping(self._web, self._options.max_group)
        self._bundles = Bundles(self._options.bundle, self._options.max_counts)
        self._entities = EntityRisks(self._options.half_life_h)
        self._telling = Telling(self._options, self._risks)
        self._dirty: dict[str, None] = {}
        self._ended: list[Group] = []
        self._documents: dict[str, Incident] = {}
        self._clock = 0.0
        self._swept = 0.0

    def take(self, note: FindingNote | LinkNote | VolumeNote | VerdictNote) -> None:
        """One note, in log order; one seen before changes nothing."""
        if isinstance(note, FindingNote):
            self._finding(note)
        elif isinstance(note, LinkNote):
            self._link(note)
        elif isinstance(note, VerdictNote):
            self._verdict(note)
        # A sender whose clock is years ahead must not make everything that is remembered look old.
        self._clock = max(self._clock, min(note.ts, self._clock + _STEP_S) if self._clock else note.ts)
        if self._clock - self._swept >= HOUR_S or len(self._grouping.members) > self._options.max_members:
            self._sweep()

    def _finding(self, note: FindingNote) -> None:
        known = self._grouping.members.get(note.alert_id)
        if known is None:
            fresh = Member.of(note, self._assess(note))
            host = self._grouping.members.get(self._bundles.host_of(fresh))
            if host is not None:
                self._bundle(host, fresh)
                return
            self._bundles.remember(fresh)
            self._grouping.add(fresh)
            self._weigh(fresh)
        elif known.is_behind(note):
            fresh = Member.of(note, self._assess(note))
            self._change(known, fresh.shape(), lambda: known.become(note, fresh.names, fresh.assessment))

    def _change(self, m: Member, shape: tuple[object, ...], change: Callable[[], None]) -> None:
        """Change an alert that is in the web, where `shape` is the one it will have."""
        if shape != m.shape():
            self._web.remove(m)
            change()
            self._grouping.reshape(m)
        else:
            change()
            self._web.refresh(m)
            self._grouping.join(m)
        self._grouping.touch(m.group)
        self._weigh(m)

    def _bundle(self, host: Member, fresh: Member) -> None:
        """Count an alert with another of its detector, subject and day."""
        before, grown = host.findings, self._bundles.count(host, fresh)
        if not grown:
            return
        if host.findings.bit_length() != before.bit_length():
            self._web.refresh(host)
            self._grouping.join(host)
            self._grouping.touch(host.group)
            self._weigh(host)
            return
        group = self._grouping.groups[host.group]
        group.revision += 1
        self._dirty[group.uid] = None
        if group.is_incident and fresh.alive and not fresh.suppressed:
            group.silenced += 1

    def _link(self, note: LinkNote) -> None:
        pair = self._links.take(note)
        if pair is None:
            return
        lost, won = self._web.link(*pair)
        self._grouping.split(lost)
        for m in won:
            self._grouping.join(m)
        self._collect(None)

    def _verdict(self, note: VerdictNote) -> None:
        """What it means is for `assess` to say, which took it before: how far whom is trusted is decided there."""
        if note.alert_id:
            ids = [note.alert_id]
        else:
            group = self._grouping.groups.get(note.incident_id)
            ids = list(group.members) if group is not None else []
        for m in [self._grouping.members[uid] for uid in ids if uid in self._grouping.members]:
            thought = self._assess(m.as_note())
            if thought == m.assessment:
                continue
            self._web.remove(m)
            m.assessment = thought
            self._grouping.reshape(m)
            self._grouping.touch(m.group)
            self._weigh(m)

    def _weigh(self, m: Member) -> None:
        """Risks and what is told, after an alert said something new."""
        self._collect(m)
        group = self._grouping.groups[m.group]
        risk = self._risks.of(self._web.about(m.subject))
        criticality = self._risks.asset(*m.subject).criticality
        self._entities.update(m.subject, risk, criticality, group.uid if group.is_incident else "")

    def _collect(self, m: Member | None) -> None:
        """Consider all groups that changed."""
        changed, ended = self._grouping.changes()
        self._ended += ended
        for group in changed:
            group.revision += 1
            self._dirty[group.uid] = None
            if m is None and group.is_incident:
                continue
            if m is not None and m.group == group.uid and self._telling.repeats(group, m):
                group.silenced += not m.suppressed
                continue
            members = self._grouping.alerts(group)
            mine = m if m is not None and m.group == group.uid else members[0]
            self._telling.consider(group, members, self._risks.of(members), mine)

    def _sweep(self) -> None:
        """Forget what was quiet for long, and beyond the limit what was quiet longest."""
        self._swept = self._clock
        self._wait()
        self._render()
        before = self._clock - self._options.keep_h * HOUR_S
        self._links.forget_before(before)
        self._bundles.forget_before(before)
        self._telling.pace.forget_before(before)
        members = self._grouping.members
        last = {g.uid: max(members[m].last_ts for m in g.members) for g in self._grouping.groups.values()}
        # An eighth below the limit, so that a flood of names does not sort all groups with every note.
        room = self._options.max_members * 7 // 8
        order = sorted(self._grouping.groups.values(), key=lambda g: (g.is_incident, last[g.uid], g.uid))
        full = len(members) > self._options.max_members
        for group in order:
            if last[group.uid] < before or (full and len(members) > room):
                self._forget(group)

    def _wait(self) -> None:
        """What was not worth telling amid others may be now; what weighs most comes first."""
        waiting = [g for g in self._grouping.groups.values() if self._telling.waits(g)]
        for group in sorted(waiting, key=lambda g: (-g.peak_risk, g.uid)):
            self._telling.reconsider(group, self._grouping.alerts(group), self._clock)
            if group.is_incident:
                group.revision += 1
                self._dirty[group.uid] = None

    def _forget(self, group: Group) -> None:
        subjects = {self._grouping.members[uid].subject for uid in group.members}
        self._grouping.forget(group)
        for name in subjects:
            if not any(True for _ in self._web.about(name)):
                self._entities.forget(name)

    def _render(self) -> None:
        """Documents of what changed."""
        ended, self._ended = self._ended, []
        dirty, self._dirty = self._dirty, {}
        present = [self._grouping.groups[uid] for uid in dirty if uid in self._grouping.groups]
        for group in [*ended, *present]:
            members = [self._grouping.members[uid] for uid in group.members if uid in self._grouping.members]
            if not group.is_incident or not members:
                continue
            members.sort(key=lambda m: (m.first_ts, m.alert_id))
            risk = self._risks.of(members)
            document = incident_document(group, members, risk, self._risks, self._version)
            group.news, group.shown = False, True
            self._keep(document)

    def _keep(self, document: Incident) -> None:
        before = self._documents.pop(document.unmapped.incident_id, None)
        if before is not None and before.unmapped.notify and not document.unmapped.notify:
            detail = document.unmapped.model_copy(update={"notify": not document.unmapped.merged_into})
            document = document.model_copy(update={"unmapped": detail})
        self._documents[document.unmapped.incident_id] = document
        if len(self._documents) > _MAX_WAITING:
            del self._documents[next(iter(self._documents))]

    def documents(self) -> list[Incident]:
        """The latest document of each incident that changed since the last call."""
        self._render()
        documents, self._documents = list(self._documents.values()), {}
        return documents

    def tables(self) -> dict[str, pa.Table]:
        """Rows of `risks` since the last call; those of `incidents` are made of the documents (`incident_rows`)."""
        self._render()
        return {"risks": risk_rows(self._entities.rows(), self._options.half_life_h)}

    def groups(self) -> Iterable[tuple[Group, list[Member]]]:
        """All groups that are remembered, watched ones too, with their alerts."""
        return [(g, self._grouping.alerts(g)) for g in self._grouping.groups.values()]

    def state(self) -> dict[str, np.ndarray]:
        """All that is remembered, as JSON bytes. What was not fetched yet is made anew from it."""
        self._render()
        plain = {
            "form": _FORM,
            "clock": [self._clock, self._swept],
            "members": [m.to_plain() for m in self._grouping.members.values()],
            "groups": [g.to_plain() for g in self._grouping.groups.values()],
            "links": self._links.to_plain(),
            "bundles": self._bundles.to_plain(),
            "entities": self._entities.to_plain(),
            "opened": self._telling.pace.to_plain(),
        }
        return {"incidents": np.frombuffer(orjson.dumps(plain), np.uint8)}

    def load(self, state: dict[str, np.ndarray]) -> None:
        """Put back what `state` gave; an empty one resets. Raises CheckpointError when it does not fit."""
        self._begin()
        if not state:
            return
        try:
            plain = orjson.loads(state["incidents"].tobytes())
            if plain["form"] != _FORM:
                raise ValueError("form")
            self._clock, self._swept = plain["clock"]
            self._links.from_plain(plain["links"])
            self._bundles.from_plain(plain["bundles"])
            self._entities.from_plain(plain["entities"])
            self._telling.pace.from_plain(plain.get("opened", []))  # a checkpoint of before this was counted has none
            self._grouping.restore(map(Member.from_plain, plain["members"]), map(Group.from_plain, plain["groups"]))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            self._begin()
            raise CheckpointError("incidents in the checkpoint are of another version") from error
