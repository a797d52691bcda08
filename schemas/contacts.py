"""Who goes to a destination, from all of the house, given on by us under the destination's key.

Sources own what the sensor saw of them, so what the house has to do with one destination lies in every key group of
`network`. Documents of this topic are written by workers, never by producers.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.base import Count, Event, LongText, Port, Seconds, Text
from schemas.chart import Share, Tick


class _OfDestination(Event):
    KEY: ClassVar[tuple[str, ...]] = ("destination", "chart")

    destination: LongText | None = None
    """Name or address; inside with the port, as every door of a machine is a place of its own."""
    chart: Text | None = None
    """Of a tick: a name that only says which key group is meant."""


class Contact(_OfDestination):
    """The first contact of a source with a destination on a day, or one that keeps a rhythm."""

    kind: Literal["contact"] = "contact"
    src_ip: Text | None = None
    dst_ip: Text | None = None
    dst_port: Port | None = None
    host: Text | None = None
    """Name of the destination, where the contact has one."""
    rhythm: Share | None = None
    """Set where the contact keeps a rhythm: how surely (`network.rhythm`)."""
    visits: Count | None = None
    interval_s: Seconds | None = None
    """Median of the intervals between visits."""
    jitter: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] | None = None
    """Median deviation from it, as a share of it."""
    span_s: Seconds | None = None
    alike: Share | None = None
    """How alike the contacts are in size."""
    sudden: bool | None = None
    """Nobody of the source's key group had gone there before, though the source was known."""


class ContactTool(_OfDestination):
    """A tool of remote management whose servers a machine asks for, the first sight of a day, given on under the
    tool's name as destination."""

    kind: Literal["tool"] = "tool"
    src_ip: Text | None = None
    host: Text | None = None
    """The name that was asked for."""
    tool: Text | None = None
    watched_s: Seconds | None = None
    """For how long the source's key group had been watched."""


class ContactAsker(_OfDestination):
    """The first exchange of a day between two machines in a language of machines, given on under the asked machine's
    address and the language as destination."""

    kind: Literal["asker"] = "asker"
    src_ip: Text | None = None
    dst_ip: Text | None = None
    language: Text | None = None
    person: bool | None = None
    """Whether somebody sits at the one that asks."""
    spoken_s: Seconds | None = None
    """For how long it has spoken the language."""
    colleagues: Count | None = None
    """Machines of its key group at which somebody sits and which speak it, too."""


class ContactClaim(_OfDestination):
    """A name for which neighbours were told an address, given on under the address as destination."""

    kind: Literal["claim"] = "claim"
    src_ip: Text | None = None
    """Who asked, or who told it."""
    dst_ip: Text | None = None
    """The address that was told."""
    host: Text | None = None
    """The name."""


class ContactTick(_OfDestination, Tick):
    """As in `charts`."""


ContactEvent = Annotated[Contact | ContactTool | ContactAsker | ContactClaim | ContactTick, Field(discriminator="kind")]
