"""A count per key that fades with time, for kernels."""

from pipeline.features.entity_table import claim_slot
from pipeline.features.leaf import leaf


@leaf
def fading_count(table, g, key, ts, more, half_life_s):  # type: ignore[no-untyped-def]
    """The count of `key` in group g at `ts` with `more` added; table (keys, seen, count, at), each [G, capacity]."""
    slot, fresh = claim_slot(table[0][g], table[1][g], key, ts)
    if fresh:
        table[2][g, slot] = 0.0
        table[3][g, slot] = ts
    passed = max(ts - table[3][g, slot], 0.0) / half_life_s
    table[2][g, slot] = table[2][g, slot] * 0.5**passed + more
    table[3][g, slot] = max(table[3][g, slot], ts)
    return table[2][g, slot]
