"""What concerns one account, wherever it was written down, given on by us under the account's key.

Hosts own what they log, so a person's log-ons to several hosts lie in several key groups of `logs`. Documents of this
topic are written by workers, never by producers.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.base import Count, Event, LongText, Seconds, Text
from schemas.chart import Tick
from schemas.logs import AuthEvent, LogBase


class _OfAccount(Event):
    KEY: ClassVar[tuple[str, ...]] = ("account", "chart")

    account: Text | None = None
    """The account in lower case, without its domain."""
    chart: Text | None = None
    """Of a tick: a name that only says which key group is meant."""


class AccountAuth(_OfAccount, AuthEvent):
    """A logon of the account, a use of its rights, or a change of it by another, as the host's log has it, in short."""

    host_users: Count | None = None
    """How many accounts logged on to the host within a month, at most 16, as the host's key group knows."""
    network_users: Count | None = None
    """How many came there from this network outside within a month, at most 8."""
    maker_s: Seconds | None = None
    """Of a new account: since when its maker is known to make accounts there."""
    maker_made: Count | None = None
    """Of a new account: how many its maker made there before."""


class AccountTool(_OfAccount, LogBase):
    """A tool of remote management on a host, the first sight of a day, given on under the tool's name as account."""

    kind: Literal["tool"] = "tool"
    tool: Text | None = None
    image: LongText | None = None
    """The program that showed it, where one did."""
    watched_s: Seconds | None = None
    """For how long the host's key group had been watched."""


class AccountTick(_OfAccount, Tick):
    """As in `charts`."""


AccountEvent = Annotated[AccountAuth | AccountTool | AccountTick, Field(discriminator="kind")]
