"""Names of checkpoint files, and which of them may go: the retention rule, without any I/O."""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple, Self

KEEP = 5
_NAME = re.compile(r"(\d{20})(?:\.([0-9a-f]{16}))?(?:\.([0-9a-f]{16}))?\.ckpt")


class CheckpointName(NamedTuple):
    """`<next offset>.<id>[.<id of its base>].ckpt`: sorts by offset.

    The id is the beginning of the file's MAC, so two writers never give one name to different contents. A name is a
    claim, for sorting and cleaning only; what counts stands under the MAC. Files of version 1 have no id.
    """

    next_offset: int
    uid: str = ""
    base: str = ""
    """Id of the checkpoint that this one is the difference to; empty: it is whole."""

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for a file that is no checkpoint."""
        found = _NAME.fullmatch(text)
        return cls(int(found[1]), found[2] or "", found[3] or "") if found else None

    def __str__(self) -> str:
        return ".".join([f"{self.next_offset:020d}", *filter(None, (self.uid, self.base)), "ckpt"])


def parsed(names: Iterable[str]) -> list[CheckpointName]:
    """The checkpoints among file names, newest first."""
    return sorted((n for n in map(CheckpointName.parse, names) if n is not None), reverse=True)


def surplus(
    names: Collection[CheckpointName], refused: Collection[CheckpointName], written: CheckpointName
) -> list[CheckpointName]:
    """What may be removed after `written` became durable.

    Kept: the KEEP newest that can be used; one more that rests on another base when they all rest on one, so that a
    damaged base is not the end; `written`; and every base that one of these needs. Files that could not be verified
    do not count, or forged names with high offsets would push out the good ones; the KEEP newest of them stay, as
    a wrong key may be the reason.
    """
    order = sorted(names, reverse=True)
    whole = {n.uid: n for n in order if not n.base}
    sound = {uid for uid, n in whole.items() if n not in refused}
    usable = [n for n in order if n not in refused and (not n.base or n.base in sound)]
    kept = {written, *usable[:KEEP]}
    bases = {n.base or n.uid for n in kept if n in usable}
    if len(bases) == 1:
        kept.update([n for n in usable if (n.base or n.uid) not in bases][:1])
    kept.update([n for n in order if n in refused][:KEEP])
    kept.update([whole[n.base] for n in kept if n.base in whole])
    return [n for n in order if n not in kept]
