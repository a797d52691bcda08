"""What waits for care to become known: a pool of items, in a chain per patient, and a heap by when they are due."""

import numpy as np

from pipeline.charts import memory as mem
from pipeline.charts.part import part
from pipeline.charts.table import find


@part
def _before(m, a, b):  # type: ignore[no-untyped-def]
    """Whether entry a of the heap comes before entry b: due earlier, or as early and come earlier."""
    if m.heap_due[a] != m.heap_due[b]:
        return m.heap_due[a] < m.heap_due[b]
    return m.heap[a, 0] < m.heap[b, 0]


@part
def _swap(m, a, b):  # type: ignore[no-untyped-def]
    due, seq, item = m.heap_due[a], m.heap[a, 0], m.heap[a, 1]
    m.heap_due[a], m.heap[a, 0], m.heap[a, 1] = m.heap_due[b], m.heap[b, 0], m.heap[b, 1]
    m.heap_due[b], m.heap[b, 0], m.heap[b, 1] = due, seq, item


@part
def push_due(m, item, due):  # type: ignore[no-untyped-def]
    """Have an item come up at `due`, after what is due then already; it counts under the newest number only."""
    seq = m.counts[mem.N_SEQ]
    m.counts[mem.N_SEQ] += 1
    m.items[item, mem.I_SEQ] = seq
    m.times[item, mem.T_DUE] = due
    at = m.counts[mem.N_HEAP]
    m.counts[mem.N_HEAP] += 1
    m.heap_due[at], m.heap[at, 0], m.heap[at, 1] = due, seq, item
    while at > 0 and _before(m, at, (at - 1) // 2):
        _swap(m, at, (at - 1) // 2)
        at = (at - 1) // 2


@part
def _drop_first(m):  # type: ignore[no-untyped-def]
    """Take the first entry off the heap."""
    m.counts[mem.N_HEAP] -= 1
    size = m.counts[mem.N_HEAP]
    _swap(m, 0, size)
    at = 0
    while True:
        least = at
        for child in (2 * at + 1, 2 * at + 2):
            if child < size and _before(m, child, least):
                least = child
        if least == at:
            return
        _swap(m, at, least)
        at = least


@part
def next_due(m):  # type: ignore[no-untyped-def]
    """The item that is due first, or -1; entries that count no more are dropped from the heap."""
    while m.counts[mem.N_HEAP] > 0:
        seq, item = m.heap[0, 0], m.heap[0, 1]
        if m.items[item, mem.I_KIND] != mem.NOTHING and m.items[item, mem.I_SEQ] == seq:
            return item
        _drop_first(m)
    return -1


@part
def new_item(m, p, kind):  # type: ignore[no-untyped-def]
    """An item that waits with patient `p`."""
    at = m.counts[mem.N_FREE_ITEM] - 1
    if at >= 0:
        m.counts[mem.N_FREE_ITEM] = m.items[at, mem.I_NEXT]
    else:
        at = m.counts[mem.N_ITEMS]
        m.counts[mem.N_ITEMS] += 1
    m.items[at] = 0
    m.items[at, mem.I_KIND] = kind
    m.items[at, mem.I_PATIENT] = np.int64(m.patients[p])
    m.items[at, mem.I_NEXT] = m.patient[p, mem.P_WAITING]
    m.patient[p, mem.P_WAITING] = at + 1
    m.counts[mem.N_WAITING] += 1
    return at


@part
def drop_item(m, item):  # type: ignore[no-untyped-def]
    """Take an item out of its patient's chain and give it back."""
    p = find(m.patients, np.uint64(m.items[item, mem.I_PATIENT]))
    at = np.int64(m.patient[p, mem.P_WAITING]) - 1
    if at == item:
        m.patient[p, mem.P_WAITING] = m.items[item, mem.I_NEXT]
    else:
        while m.items[at, mem.I_NEXT] - 1 != item:
            at = m.items[at, mem.I_NEXT] - 1
        m.items[at, mem.I_NEXT] = m.items[item, mem.I_NEXT]
    m.items[item, mem.I_KIND] = mem.NOTHING
    m.items[item, mem.I_NEXT] = m.counts[mem.N_FREE_ITEM]
    m.counts[mem.N_FREE_ITEM] = item + 1
    m.counts[mem.N_WAITING] -= 1
