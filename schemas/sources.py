"""The sources: which event models travel on which topic, and how a document is validated."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args

from pydantic import TypeAdapter

from schemas.accounts import AccountEvent
from schemas.base import Event
from schemas.chart import ChartEvent, JudgedEvent
from schemas.claims import Claim
from schemas.contacts import ContactEvent
from schemas.context import ClinicalContext
from schemas.device import Device
from schemas.ehr import EhrAccess
from schemas.logs import LogEvent
from schemas.network import NetworkEvent


@dataclass(frozen=True)
class Source:
    """One kind of input; its name is also the name of its topic (before the configured prefix)."""

    name: str
    annotation: Any
    """An event model, or a union of them told apart by `kind`."""
    internal: bool = False
    """Written by workers from what other topics bring; no producer sends to it."""

    @cached_property
    def models(self) -> tuple[type[Event], ...]:
        """Every event model of this source."""
        if isinstance(self.annotation, type):
            return (self.annotation,)
        return get_args(get_args(self.annotation)[0])

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Validates documents of this source; accepts what pydantic's lax mode accepts."""
        return TypeAdapter(self.annotation)

    @property
    def key_fields(self) -> tuple[str, ...]:
        """Fields that name the owning entity (the same for all models of a source)."""
        return self.models[0].KEY

    @cached_property
    def patient_fields(self) -> tuple[str, ...]:
        """Fields that hold patient identifiers in any model of this source, in a fixed order."""
        return tuple(dict.fromkeys(f for m in self.models for f in m.PATIENT_FIELDS))


SOURCES: dict[str, Source] = {
    s.name: s
    for s in (
        Source("network", NetworkEvent),
        Source("logs", LogEvent),
        Source("ehr", EhrAccess),
        Source("context", ClinicalContext),
        Source("claims", Claim),
        Source("devices", Device),
        Source("charts", ChartEvent, internal=True),
        Source("judged", JudgedEvent, internal=True),
        Source("accounts", AccountEvent, internal=True),
        Source("contacts", ContactEvent, internal=True),
    )
}
INPUTS: dict[str, Source] = {name: source for name, source in SOURCES.items() if not source.internal}
"""Those that events are read for, from files or from producers."""
