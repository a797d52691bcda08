"""All rules of the host families, compiled together: every text is read once, whatever the number of rules."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numba as nb
import numpy as np

from pipeline.detectors.logs import rules as room
from pipeline.detectors.logs.host_rule import HostRule, When
from pipeline.features.batch import Batch
from pipeline.features.hashing import hash_text
from pipeline.features.multi_pattern import BEGIN, END, Automaton, automaton, find_terms
from pipeline.features.words import trailing_zeros

FIELDS = {
    "action": ("action",), "code": ("event_code",), "program": ("program",), "image": ("image",),
    "parent": ("parent_image",), "command": ("command_line",), "parent_command": ("parent_command_line",),
    "target": ("target",), "user": ("user",), "data": ("data",),
}  # fmt: skip
WEAK = ("action", "code", "program", "user")
"""Fields that hold one of a few values: a rule is not looked up by them if it can be by another."""


@dataclass(frozen=True)
class HostHits:
    """Rules that hold, by row and then by number; families in the order of `RuleSet.families`."""

    rows: np.ndarray
    """int64[k]"""
    numbers: np.ndarray
    """int64[k], of the rule in `RuleSet.rules`."""


class RuleSet:
    """Compiled rules. `hits` costs about 2 ns a character of the fields; `data` is read for candidates only."""

    def __init__(self, families: Mapping[str, Sequence[HostRule]]) -> None:
        self.rules = [rule for members in families.values() for rule in members]
        self.family = np.repeat(np.arange(len(families)), [len(m) for m in families.values()])
        self.families = list(families)
        self.weights = np.array([rule.weight for rule in self.rules])
        self.steps = np.array([hash_text(rule.title) for rule in self.rules], np.uint64)
        """uint64[rules]: rules with one title tell one step."""
        self._bits: dict[tuple[str, str], int] = {}
        groups = [[self._group(when) for when in rule.when] for rule in self.rules]
        self._compile(groups)
        self.words = (len(self._bits) + 63) // 64

    def _group(self, when: When) -> tuple[str, bool, list[int]]:
        """(field, negated, bits of the alternatives)."""
        name = when[0].removeprefix("!")
        field, how = (name[:-1], name[-1]) if name[-1] in "^$=" else (name, "")
        if field not in FIELDS or not when[1:]:
            raise ValueError(f"a rule about {when!r}")
        terms = [BEGIN * (how in ("^", "=")) + t + END * (how in ("$", "=")) for t in when[1:]]
        return field, when[0].startswith("!"), [self._bits.setdefault((field, t), len(self._bits)) for t in terms]

    def _compile(self, rules_: list[list[tuple[str, bool, list[int]]]]) -> None:
        """Flat arrays: rule → groups → bits; and bit → the rules that are looked up by it."""
        pivots: list[list[int]] = [[] for _ in self._bits]
        length = {bit: len(term) for (_, term), bit in self._bits.items()}
        group_first, bit_first, bits, negated, late = [0], [0], [], [], []
        for number, groups in enumerate(rules_):
            usable = [g for g in groups if not g[1] and g[0] != "data"]
            if not usable:
                raise ValueError(f"rule {self.rules[number].title!r} asks only for what is absent or in data")
            best = max(usable, key=lambda g: (g[0] not in WEAK, min(length[b] for b in g[2])))
            for bit in best[2]:
                pivots[bit].append(number)
            for field, negative, alternatives in groups:
                bits += alternatives
                bit_first.append(len(bits))
                negated.append(negative)
                late.append(field == "data")
            group_first.append(len(negated))
        self._tables = (
            np.cumsum([0, *map(len, pivots)]), np.array([r for members in pivots for r in members], np.int64),
            np.array(group_first, np.int64), np.array(bit_first, np.int64), np.array(bits, np.int64),
            np.array(negated, np.bool_), np.array(late, np.bool_),
        )  # fmt: skip

    def _terms(self, field: str) -> list[tuple[str, int]]:
        return [(term, bit) for (of, term), bit in self._bits.items() if of == field]

    @cached_property
    def _automata(self) -> dict[str, Automaton]:
        """Built when first asked: three quarters of what compiling takes, and not every process reads logs."""
        return {field: self._automaton(field) for field in FIELDS if self._terms(field)}

    def _automaton(self, field: str) -> Automaton:
        terms = self._terms(field)
        return automaton([t for t, _ in terms], [b for _, b in terms])

    def hits(self, batch: Batch) -> HostHits:
        """Every rule that holds for a row, in order."""
        found = np.zeros((batch.n, self.words), np.uint64)
        for field, names in FIELDS.items():
            if field != "data" and field in self._automata:
                for name in names:
                    self._scan(batch, field, *batch.spans(name), False, found)
        self._scan_lines(batch, found)
        rows, numbers, open_ = _matches(found, False, *self._tables)
        late = np.unique(rows[open_])
        if len(late):
            only = np.full(batch.n, -1, np.int32)
            start, length = batch.spans("data")
            only[late] = length[late]
            self._scan(batch, "data", start, only, True, found)
            keep = np.zeros(batch.n, np.bool_)
            keep[late] = True
            found[~keep] = 0
            more_rows, more, _ = _matches(found, True, *self._tables)
            rows, numbers = np.append(rows[~open_], more_rows), np.append(numbers[~open_], more)
            order = np.lexsort((numbers, rows))
            rows, numbers = rows[order], numbers[order]
        return HostHits(rows, numbers)

    def _scan_lines(self, batch: Batch, found: np.ndarray) -> None:
        """What a line says, or, without a message, its data, is looked at as commands are."""
        start, length = batch.spans("message")
        said = ~batch.kind("process", "web")
        self._scan(batch, "command", start, np.where(said, length, -1).astype(np.int32), False, found)
        start, size = batch.spans("data")
        self._scan(batch, "command", start, np.where(said & (length <= 0), size, -1).astype(np.int32), True, found)

    def _scan(
        self, batch: Batch, field: str, start: np.ndarray, length: np.ndarray, escaped: bool, found: np.ndarray
    ) -> None:
        a = self._automata.get(field)
        if a is not None:
            find_terms(batch.data, start, length, a.columns, a.goto, a.quiet, a.first, a.bits, escaped, found)


def _families() -> dict[str, tuple[HostRule, ...]]:
    """The rules of each module, or of all modules of each package, of the room `rules`, by its name."""
    return {info.name: _rules(f"{room.__name__}.{info.name}") for info in _within(room.__path__)}


def _rules(name: str) -> tuple[HostRule, ...]:
    module = importlib.import_module(name)
    members: tuple[HostRule, ...] = getattr(module, "RULES", ())
    for info in _within(getattr(module, "__path__", [])):
        members += _rules(f"{name}.{info.name}")
    return members


def _within(path: Iterable[str]) -> list[pkgutil.ModuleInfo]:
    return sorted(pkgutil.iter_modules(path), key=lambda info: info.name)


HOST_RULES = RuleSet(_families())


def host_hits(batch: Batch) -> HostHits:
    """The hits of this batch, computed once for all families."""
    hits: HostHits = batch.shared("host_rules", HOST_RULES.hits)
    return hits


@nb.njit(cache=True, nogil=True)
def _holds(bits, rule, also_late, group_first, bit_first, group_bits, negated, late):  # type: ignore[no-untyped-def]
    """0: no; 1: yes; 2: yes, but for what `data` has to say. bits uint64[W]."""
    answer = 1
    for g in range(group_first[rule], group_first[rule + 1]):
        if late[g] and not also_late:
            answer = 2
            continue
        some = False
        for k in range(bit_first[g], bit_first[g + 1]):
            b = group_bits[k]
            some |= (bits[b >> 6] >> np.uint64(b & 63)) & np.uint64(1) != 0
        if some == negated[g]:
            return 0
    return answer


@nb.njit(cache=True, nogil=True)
def _matches(found, only_late, pivot_first, pivots, group_first, bit_first, group_bits, negated, late):  # type: ignore[no-untyped-def]
    """(rows, rules, open): int64[k] twice and bool[k], true where `data` still has to be looked at.

    `only_late`: `data` was looked at, and only rules that ask for it are of interest.
    """
    rows, numbers, open_ = [np.int64(0) for _ in range(0)], [np.int64(0) for _ in range(0)], [False for _ in range(0)]
    for i in range(len(found)):
        begun = len(numbers)
        for w in range(found.shape[1]):
            word = found[i, w]
            while word != 0:
                bit = w * 64 + trailing_zeros(word)
                word &= word - np.uint64(1)
                for k in range(pivot_first[bit], pivot_first[bit + 1]):
                    rule = pivots[k]
                    asks = _holds(found[i], rule, False, group_first, bit_first, group_bits, negated, late)
                    if asks == 0 or (only_late and asks == 1):
                        continue
                    if only_late and not _holds(
                        found[i], rule, True, group_first, bit_first, group_bits, negated, late
                    ):
                        continue
                    known = False
                    for j in range(begun, len(numbers)):
                        known |= numbers[j] == rule
                    if not known:
                        rows.append(np.int64(i))
                        numbers.append(rule)
                        open_.append(asks == 2)
    return np.array(rows, np.int64), np.array(numbers, np.int64), np.array(open_, np.bool_)
