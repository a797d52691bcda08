"""The memory of one key group: made small, grown as it fills, tidied, saved and loaded."""

from collections.abc import Mapping

import numba as nb
import numpy as np

from pipeline.charts import memory as mem
from pipeline.charts.explain import ends
from pipeline.charts.memory import Memory
from pipeline.charts.part import part
from pipeline.charts.table import capacity_for, kept, rebuilt
from pipeline.errors import CheckpointError

# Table: (fields of Memory, words, numbers, its count, first capacity).
TABLES = {
    "patient": (("patients", "patient", "patient_n"), mem.PATIENT_WORDS, 0, mem.N_PATIENTS, 1024),
    "user": (("users", "user", "user_n"), mem.USER_WORDS, mem.USER_NUMBERS, mem.N_USERS, 256),
    "department": (("departments", "department", "department_n"), mem.DEPARTMENT_WORDS, 0, mem.N_DEPARTMENTS, 64),
    "unit": (("units", "unit", "unit_n"), mem.UNIT_WORDS, mem.UNIT_NUMBERS, mem.N_UNITS, 64),
    "pair": (("pairs", "pair", "pair_n"), mem.PAIR_WORDS, 2, mem.N_PAIRS, 8192),
    "home": (("homes", "home", "home_n"), mem.HOME_WORDS, 0, mem.N_HOMES, 256),
}
_CELLS, _REFS, _ITEMS = 1024, 16_384, 64
_POOLS = ("cells", "refs", "items", "times", "heap_due", "heap")
_LATER = 1.4
"""A pool that is fuller than the inverse of this after tidying is doubled."""


def empty() -> Memory:
    """A group before its first event."""
    made: dict[str, np.ndarray] = {}
    for fields, words, numbers, _, capacity in TABLES.values():
        made[fields[0]] = np.zeros(capacity, np.uint64)
        made[fields[1]] = np.zeros((capacity, words), np.uint32)
        made[fields[2]] = np.zeros((capacity, numbers))
    return Memory(
        **made,
        cells=np.zeros((_CELLS, mem.CELL_WORDS), np.uint32),
        refs=np.zeros(_REFS, np.uint8),
        families=np.zeros(mem.FAMILIES, np.uint32),
        items=np.zeros((_ITEMS, mem.ITEM_WORDS), np.int64),
        times=np.zeros((_ITEMS, mem.ITEM_TIMES)),
        heap_due=np.zeros(16 * _ITEMS),
        heap=np.zeros((16 * _ITEMS, 2), np.int64),
        counts=np.zeros(mem.COUNTS, np.int64),
        shares=np.zeros(mem.SHARES),
    )


def _longer(array: np.ndarray, size: int) -> np.ndarray:
    out = np.zeros((size, *array.shape[1:]), array.dtype)
    out[: min(len(array), size)] = array[:size]
    return out


def grow_table(m: Memory, name: str, most: int, keep_s: float, open_s: float) -> Memory:
    """Double a table; at `most` entries the half of them that was used least lately is forgotten instead."""
    fields, _, _, counter, _ = TABLES[name]
    keys, words, numbers = (getattr(m, f) for f in fields)
    pinned = words[:, mem.P_WAITING] > 0 if name == "patient" else None
    chosen = kept(keys, words, most, pinned)
    forgot = len(chosen) < int(m.counts[counter])
    capacity = len(keys) if forgot else 2 * len(keys)
    m = m._replace(**dict(zip(fields, rebuilt(keys, words, numbers, chosen, capacity), strict=True)))
    m.counts[counter] = len(chosen)
    return tidied(m, keep_s, open_s) if forgot and name == "patient" else m


def tidied(m: Memory, keep_s: float, open_s: float) -> Memory:
    """Cells and texts again without what is forgotten, each patient's together, with room for as much again."""
    cells, refs = np.zeros_like(m.cells), np.zeros_like(m.refs)
    used, text = _move(m, cells, refs, keep_s, open_s)
    m.counts[mem.N_CELLS], m.counts[mem.N_REFS], m.counts[mem.N_FREE_CELL] = used, text, 0
    for name, array, size in (("cells", cells, used), ("refs", refs, text)):
        grown = 2 * len(array) if size * _LATER > len(array) else len(array)
        m = m._replace(**{name: _longer(array, grown) if grown != len(array) else array})
    return m


def grow_items(m: Memory) -> Memory:
    """More room for what waits, and a heap without entries that count no more."""
    used = int(m.counts[mem.N_HEAP])
    seq, item = m.heap[:used, 0], m.heap[:used, 1]
    live = np.flatnonzero((m.items[item, mem.I_KIND] != mem.NOTHING) & (m.items[item, mem.I_SEQ] == seq))
    live = live[np.lexsort((seq[live], m.heap_due[live]))]  # in order: a heap as well
    due, heap = m.heap_due[live], m.heap[live]
    size = len(m.items) * 2 if m.counts[mem.N_ITEMS] + 1 > len(m.items) else len(m.items)
    room = max(16 * _ITEMS, 4 * size)
    m.counts[mem.N_HEAP] = len(live)
    return m._replace(
        items=_longer(m.items, size), times=_longer(m.times, size), heap_due=_longer(due, room),
        heap=_longer(heap, room),
    )  # fmt: skip


@part
def _move_text(m, refs, at, start, size):  # type: ignore[no-untyped-def]
    for i in range(size):
        refs[at + i] = m.refs[start + i]
    return at + size


@part
def _move_chain(m, p, head, cells, refs, used, text, gone, open_s):  # type: ignore[no-untyped-def]
    """Copy one chain of patient `p` without what ended before `gone`; (cells used, text used)."""
    at = np.int64(m.patient[p, head]) - 1
    m.patient[p, head] = 0
    last, dropping = np.int64(-1), False
    while at >= 0:
        after, kind = np.int64(m.cells[at, mem.C_NEXT]) - 1, m.cells[at, mem.C_TYPE] & 0xFF
        if head == mem.P_ACCESSES:
            dropping = True
            for k in range(3):
                if m.cells[at, 2 + 4 * k + mem.A_USER] and m.cells[at, 2 + 4 * k + mem.A_LAST] >= gone:
                    dropping = False
        elif kind != mem.MORE:
            dropping = ends(m, at, open_s) < gone
            if dropping:
                m.patient[p, mem.P_COUNTS] -= 1
        if not dropping:
            for w in range(mem.CELL_WORDS):
                cells[used, w] = m.cells[at, w]
            cells[used, mem.C_NEXT] = 0
            if head == mem.P_RELATIONS and kind != mem.MORE:
                cells[used, mem.C_REF] = text
                text = _move_text(m, refs, text, np.int64(m.cells[at, mem.C_REF]), np.int64(m.cells[at, mem.C_SIZE]))
            if last < 0:
                m.patient[p, head] = used + 1
            else:
                cells[last, mem.C_NEXT] = used + 1
            last = used
            used += 1
        at = after
    return used, text


@nb.njit(cache=True, nogil=True)
def _move(m, cells, refs, keep_s, open_s):  # type: ignore[no-untyped-def]
    """Copy what is remembered into `cells` and `refs`; how much of each is used."""
    used, text, gone = np.int64(0), np.int64(0), m.shares[mem.S_CLOCK] - keep_s
    for p in range(len(m.patients)):
        if m.patients[p] != np.uint64(0):
            used, text = _move_chain(m, p, mem.P_RELATIONS, cells, refs, used, text, gone, open_s)
            used, text = _move_chain(m, p, mem.P_ACCESSES, cells, refs, used, text, gone, open_s)
    for slot in range(len(m.users)):
        if m.user[slot, mem.U_SIZE]:
            start = np.int64(m.user[slot, mem.U_REF])
            m.user[slot, mem.U_REF] = text
            text = _move_text(m, refs, text, start, np.int64(m.user[slot, mem.U_SIZE]))
    for slot in range(len(m.departments)):
        if m.department[slot, mem.D_SIZE]:
            start = np.int64(m.department[slot, mem.D_REF])
            m.department[slot, mem.D_REF] = text
            text = _move_text(m, refs, text, start, np.int64(m.department[slot, mem.D_SIZE]))
    return used, text


def saved(m: Memory) -> dict[str, np.ndarray]:
    """Copies of what is used of the arrays."""
    out = {}
    for fields, _, _, _, _ in TABLES.values():
        used = np.flatnonzero(getattr(m, fields[0]))
        out.update({f: getattr(m, f)[used] for f in fields})
    sizes = {
        "cells": mem.N_CELLS,
        "refs": mem.N_REFS,
        "items": mem.N_ITEMS,
        "times": mem.N_ITEMS,
        "heap_due": mem.N_HEAP,
        "heap": mem.N_HEAP,
    }
    out.update({name: getattr(m, name)[: m.counts[counter]].copy() for name, counter in sizes.items()})
    out.update({name: getattr(m, name).copy() for name in ("families", "counts", "shares")})
    return out


def loaded(state: Mapping[str, np.ndarray]) -> Memory:
    """The memory that `saved` gave the arrays of. CheckpointError: they do not fit."""
    m = empty()
    for name, array in zip(Memory._fields, m, strict=True):
        found = state.get(name)
        if found is None or found.dtype != array.dtype or found.shape[1:] != array.shape[1:]:
            raise CheckpointError(f"care state {name!r} is missing or of another version: start afresh")
        if name in ("families", "counts", "shares") and found.shape != array.shape:
            raise CheckpointError(f"care state {name!r} has another size: it is of another version")
    new: dict[str, np.ndarray] = {name: state[name].copy() for name in ("families", "counts", "shares")}
    for fields, _, _, counter, least in TABLES.values():
        keys, words, numbers = (state[f] for f in fields)
        if not len(keys) == len(words) == len(numbers) == new["counts"][counter] or (keys == 0).any():
            raise CheckpointError(f"care state {fields[0]!r} is damaged: start from an older checkpoint")
        size = capacity_for(len(keys) + 1, least)
        new.update(zip(fields, rebuilt(keys, words, numbers, np.arange(len(keys)), size), strict=True))
    for name in _POOLS:
        new[name] = _longer(state[name], max(len(getattr(m, name)), capacity_for(len(state[name]))))
    return Memory(**new)
