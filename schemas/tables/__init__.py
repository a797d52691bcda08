"""ClickHouse tables and views, as numbered migrations that may be applied any number of times.

A migration that has been released is never changed; a correction is a new one. Every table is a ReplacingMergeTree
whose sorting key identifies the row, so that a row written twice counts once under FINAL, which the `current_` views
apply. One file a subject; the numbers say in which order they are applied.
"""

from schemas.tables.actions import ACTIONS
from schemas.tables.forecasts import FORECASTS
from schemas.tables.health import HEALTH
from schemas.tables.incidents import INCIDENTS
from schemas.tables.learning import LEARNING
from schemas.tables.migration import Migration
from schemas.tables.oversight import OVERSIGHT
from schemas.tables.spine import FROM_PRODUCERS, SPINE

__all__ = ["FROM_PRODUCERS", "MIGRATIONS", "Migration"]

MIGRATIONS: tuple[Migration, ...] = tuple(
    sorted((*SPINE, *INCIDENTS, *ACTIONS, *FORECASTS, *HEALTH, *LEARNING, *OVERSIGHT), key=lambda m: m.version)
)
