"""How rows of the user's lists say until when they hold."""

from datetime import UTC, datetime


def ends(text: str) -> float | None:
    """Seconds since 1970 at which a row ends that says `until` so; None when it is no date. A day ends it at 0:00."""
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp()
