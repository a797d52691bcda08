"""Checkpoints: the state of a partition and the offset it belongs to, written whole or not at all.

Written in full, or as the difference to one full one. Several are kept; a damaged or foreign one is refused and the
one before it used. Why a second owner does no harm: `infra/decisions/005-checkpoints.md`.
"""

import logging
import re
import secrets
import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import CheckpointError
from pipeline.runtime.checkpoint.folder import open_folder
from pipeline.runtime.checkpoint.format import Opened, State, assemble, own_pages, seal, unseal
from pipeline.runtime.checkpoint.name import CheckpointName, parsed, surplus
from pipeline.runtime.checkpoint.remote import CheckpointsUnreachableError
from pipeline.runtime.checkpoint.snapshot import Base, Blocks, Snapshot

DIFFERENCES = 32
"""A new base after so many: this bounds how far one damaged file can throw us back."""
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checkpoint:
    """State after every event below offset `next_offset` of a partition, and after no other."""

    topic: str
    partition: int
    next_offset: int
    identity: str
    """What must agree for the state to be usable: detectors, options, seed, key groups."""
    state: State


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written."""

    name: str
    size: int
    """Bytes of the file."""
    whole: bool
    """A base, not a difference."""


class CheckpointStore:
    """The checkpoints of every partition, at a path or fsspec URL.

    `snapshot` runs where the state is; `save` and `load` may run in any thread.
    """

    def __init__(self, url: str | Path, key: bytes) -> None:
        """Raises ConfigError when the place cannot be used, CheckpointsUnreachableError when it does not answer."""
        self._folder = open_folder(url)
        self._key = key
        self._seed = secrets.randbits(64)
        self._memory = Blocks()
        self._bases: dict[tuple[str, int], Base] = {}
        self._differences: dict[tuple[str, int], int] = {}
        self._refused: set[tuple[str, CheckpointName]] = set()
        self._writing = threading.Lock()

    def snapshot(self, topic: str, partition: int, next_offset: int, identity: str) -> Snapshot:
        """An empty snapshot, to be filled group by group and then saved."""
        base = self._bases.get((topic, partition))
        return Snapshot(topic, partition, next_offset, identity, base, self._seed, self._memory)

    def save(self, snapshot: Snapshot) -> Saved:
        """Write durably, then drop what is not needed any more.

        Raises CheckpointError, for example when the disk is full; another snapshot can be tried at any time.
        """
        folder = self._of(snapshot.topic, snapshot.partition)
        try:
            sealed = seal(snapshot, self._key)
        finally:
            snapshot.release()
        base = snapshot.base
        needs = CheckpointName.parse(base.name) if base else None
        name = CheckpointName(snapshot.next_offset, sealed.mac.hex()[:16], needs.uid if needs else "")
        with self._writing:
            self._folder.write(f"{folder}/{name}", sealed.pieces)
            present = parsed(self._folder.names(folder))
            of = (snapshot.topic, snapshot.partition)
            if needs is not None and needs not in present:
                self._bases.pop(of, None)
                raise CheckpointError(f"the base of checkpoint {name} was removed by another; the next one is whole")
            self._remember(of, snapshot, str(name), sealed.mac)
            self._clean(folder, present, name)
        return Saved(str(name), sealed.size, base is None)

    def load(self, topic: str, partition: int, identity: str) -> Checkpoint | None:
        """The newest usable checkpoint of a partition, None when there is none.

        Raises CheckpointsUnreachableError when the place does not answer: beginning afresh would be wrong then.
        """
        folder = self._of(topic, partition)
        self._bases.pop((topic, partition), None)  # its files may be another owner's by now
        names = parsed(self._folder.names(folder))
        for name in names:
            try:
                return self._read(folder, name, names, (topic, partition, identity))
            except CheckpointsUnreachableError:
                raise
            except CheckpointError as error:
                log.warning("checkpoint %s/%s refused: %s; the one before it is tried", folder, name, error)
        return None

    def discard(self, topic: str, partition: int) -> None:
        """Take every checkpoint of a partition away: its log was replaced, and theirs is no more.

        Raises CheckpointError; some may be left then, and it can be tried again.
        """
        folder = self._of(topic, partition)
        with self._writing:
            self._bases.pop((topic, partition), None)
            for name in parsed(self._folder.names(folder)):
                self._folder.remove(f"{folder}/{name}")

    def _read(
        self, folder: str, name: CheckpointName, names: Collection[CheckpointName], wanted: tuple[str, int, str]
    ) -> Checkpoint:
        opened = self._verified(folder, name)
        _check(opened, wanted)
        pages: list[memoryview] = []
        if opened.base_name:
            base = next((n for n in names if str(n) == opened.base_name), None)
            if base is None:
                raise CheckpointError(f"its base {opened.base_name} is missing")
            try:
                below = self._verified(folder, base)
            except CheckpointsUnreachableError:
                raise
            except CheckpointError as error:
                raise CheckpointError(f"its base {base} is unusable ({error})") from error
            _check(below, wanted)
            if below.mac != opened.base_mac or below.base_name:
                raise CheckpointError(f"its base {base} is not the one it was made from")
            pages = own_pages(below)
        state = assemble(opened, pages + own_pages(opened))
        return Checkpoint(opened.topic, opened.partition, opened.next_offset, opened.identity, state)

    def _verified(self, folder: str, name: CheckpointName) -> Opened:
        """A file whose MAC is right and which bears its own name; others do not count as kept any more."""
        try:
            opened = unseal(self._folder.read(f"{folder}/{name}"), self._key)
            if (opened.next_offset, opened.mac.hex()[:16]) != (name.next_offset, name.uid):
                raise CheckpointError("renamed")
        except CheckpointsUnreachableError:
            raise
        except CheckpointError:
            self._refused.add((folder, name))
            raise
        return opened

    def _remember(self, of: tuple[str, int], snapshot: Snapshot, name: str, mac: bytes) -> None:
        """The base of the next differences; none when the next checkpoint should be whole again."""
        base = snapshot.base
        if base is None:
            self._bases[of] = Base(name, mac, snapshot.prints, snapshot.stored_bytes)
            self._differences[of] = 0
            return
        self._differences[of] += 1
        if snapshot.stored_bytes > base.stored_bytes / 2 or self._differences[of] >= DIFFERENCES:
            self._bases.pop(of, None)

    def _clean(self, folder: str, present: Collection[CheckpointName], written: CheckpointName) -> None:
        refused = {name for where, name in self._refused if where == folder}
        for name in surplus(present, refused, written):
            try:
                self._folder.remove(f"{folder}/{name}")
            except CheckpointError as error:
                log.warning("%s; it is tried again with the next checkpoint", error)
                return

    @staticmethod
    def _of(topic: str, partition: int) -> str:
        if not _TOPIC.fullmatch(topic) or topic in (".", ".."):
            raise CheckpointError("the topic's name cannot be a folder")
        return f"{topic}/{partition}"


def _check(opened: Opened, wanted: tuple[str, int, str]) -> None:
    """Raises CheckpointError when it belongs elsewhere."""
    topic, partition, identity = wanted
    if (opened.topic, opened.partition) != (topic, partition):
        raise CheckpointError("of another partition")
    if opened.identity != identity:
        raise CheckpointError("made with other detectors or settings")
