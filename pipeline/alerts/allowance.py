"""An entry of the allow-list that hides an alert: who answers for it, why, and until when."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Allowance:
    """What goes into the alert that it hides."""

    owner: str
    reason: str
    until: str
    version: str
    """Of the list, see `pipeline.features.lists.content_version`."""

    def __str__(self) -> str:
        return f"allowed by {self.owner} until {self.until}: {self.reason}"[:1024]

    def to_plain(self) -> dict[str, str]:
        """JSON-ready."""
        return asdict(self)
