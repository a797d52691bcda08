"""Checkpoints that were cut, altered, exchanged or written by somebody else."""

import hashlib
import hmac
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import orjson

from benchmarks.faults.records import parts
from benchmarks.faults.scenario import PATIENCE, Act, Control, Scenario
from pipeline.errors import CheckpointError
from pipeline.runtime.checkpoint.format import unseal
from pipeline.runtime.secrets import key_bytes

_MAGIC, _MAC = 5, 32
_KEPT = 3
"""Checkpoints a partition has before its newest is damaged."""


class ForgedCheckpoints(Scenario):
    """The newest of every partition is refused and the one before it used, which repeats some events."""

    name = "forged-checkpoints"
    title = "newest checkpoint of each partition cut, altered, exchanged or forged"
    faults = 12
    short = 2
    controls = (Control("checkpoints are not verified", "lost", ("verification",), faults=2),)

    def play(self, act: Act) -> int:
        """Events until there are several checkpoints, a kill, damage; again, with another kind of it each time."""
        for number, part in enumerate(parts(act.records, act.faults)):
            worker = act.worker(*PATIENCE)
            for some in parts(part, _KEPT):
                act.bench.send(some)
                act.bench.drain()
            act.kill(worker)
            damage = _forged if act.control else _DAMAGE[number % len(_DAMAGE)]
            key = key_bytes(act.bench.settings, "checkpoint_key", make=False)
            partitions = sorted(Path(act.bench.settings.checkpoints).glob("*/*"))
            assert sum(_harm(p, key, damage, act.rng) for p in partitions)
        act.finish(*PATIENCE)
        assert act.control is not None or act.bench.said("refused")
        return act.faults


def _harm(partition: Path, key: bytes, damage: Callable[[Path, Path, Random], None], rng: Random) -> bool:
    """Damage a partition's newest checkpoint when there is one before it to fall back to, both of them sound."""
    files = sorted(partition.glob("*.ckpt"))[-2:]
    if len(files) < 2 or len({f.name.split(".")[0] for f in files}) < 2 or not all(_sound(f, key) for f in files):
        return False
    damage(files[-1], files[-2], rng)
    return True


def _sound(file: Path, key: bytes) -> bool:
    try:
        unseal(file.read_bytes(), key)
    except CheckpointError:
        return False
    return True


def _cut(newest: Path, _: Path, rng: Random) -> None:
    data = newest.read_bytes()
    newest.write_bytes(data[: rng.randrange(len(data))])


def _altered(newest: Path, _: Path, rng: Random) -> None:
    data = bytearray(newest.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    newest.write_bytes(data)


def _exchanged(newest: Path, before: Path, _: Random) -> None:
    """The content of an older one under the newest one's name: state of the past for offsets of the present."""
    shutil.copyfile(before, newest)


def _emptied(newest: Path, _: Path, __: Random) -> None:
    newest.write_bytes(b"")


def _forged(newest: Path, _: Path, __: Random) -> None:
    """Somebody without the key moves the offset ahead, so that events would be left out."""
    data = newest.read_bytes()
    content = data[_MAGIC + _MAC :]
    size = int.from_bytes(content[:4], "big")
    header = orjson.loads(content[4 : 4 + size])
    header["next"] += 40
    packed = orjson.dumps(header)
    content = len(packed).to_bytes(4, "big") + packed + content[4 + size :]
    mac = hmac.digest(b"not the hospital's key", content, hashlib.sha256)
    _offset, _uid, *base = newest.name.removesuffix(".ckpt").split(".")
    name = ".".join((f"{header['next']:020d}", mac.hex()[:16], *base, "ckpt"))
    (newest.parent / name).write_bytes(data[:_MAGIC] + mac + content)


_DAMAGE = (_forged, _cut, _altered, _exchanged, _emptied)
