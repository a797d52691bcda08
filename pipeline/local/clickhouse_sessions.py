"""HTTP sessions: what SET and USE did earlier under a `session_id`, said again on each new connection.

A connection itself is never kept (see clickhouse_engine.py), so queries of one session may even run in parallel.
"""

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

_MOST_SESSIONS = 1000
_MOST_STATEMENTS = 100


@dataclass(slots=True)
class _Session:
    expires_s: float
    said: list[str] = field(default_factory=list)


class Sessions:
    """At most 1000 sessions, each forgotten after its own silence or when newer ones need the room."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[tuple[str, str], _Session] = OrderedDict()

    def earlier(self, user: str, session_id: str, timeout_s: float) -> Sequence[str]:
        """The statements to repeat, oldest first; counts as a sign of life."""
        session = self._sessions.get((user, session_id))
        if session is None:
            return ()
        now = time.monotonic()
        if now > session.expires_s:
            del self._sessions[user, session_id]
            return ()
        session.expires_s = now + timeout_s
        self._sessions.move_to_end((user, session_id))
        return tuple(session.said)

    def remember(self, user: str, session_id: str, timeout_s: float, statement: str) -> None:
        """Keep a SET or USE that succeeded."""
        session = self._sessions.setdefault((user, session_id), _Session(time.monotonic() + timeout_s))
        session.said = [*session.said, statement][-_MOST_STATEMENTS:]
        if len(self._sessions) > _MOST_SESSIONS:
            self._sessions.popitem(last=False)
