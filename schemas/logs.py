"""Log events: what hosts and applications wrote down."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.base import Count, Event, LongText, Port, Text


class LogBase(Event):
    """What a log line carries whatever it speaks of."""

    KEY: ClassVar[tuple[str, ...]] = ("host",)

    host: Text | None = None
    """The machine that wrote it."""
    program: Text | None = None
    """Program, channel or provider."""
    pid: Count | None = None
    severity: Annotated[int, Field(ge=0, le=7)] | None = None
    """Syslog severity: 0 emergency … 7 debug."""
    message: LongText | None = None
    event_code: Text | None = None
    """The source's number for this sort of event (Windows EventID)."""
    user: Text | None = None
    src_ip: Text | None = None
    src_port: Port | None = None


class LineEvent(LogBase):
    """A line with no further form; its template is mined online. `data`: structured fields as JSON text."""

    kind: Literal["line"] = "line"
    data: LongText | None = None


class AuthEvent(LogBase):
    """A logon, logoff, account change or use of privilege (OCSF 3002)."""

    kind: Literal["auth"] = "auth"
    action: Text | None = None
    """logon, logoff, invalid_user, privilege_use, account_created, account_deleted, password_change,
    group_changed, lockout, ticket …"""
    outcome: Literal["success", "failure", "unknown"] = "unknown"
    method: Text | None = None
    """password, publickey, kerberos, ntlm, sudo …"""
    logon_type: Annotated[int, Field(ge=0, le=255)] | None = None
    """Windows: 2 interactive, 3 network, 10 remote interactive …"""
    domain: Text | None = None
    target_user: Text | None = None
    """The account acted upon, where it is not `user`."""
    src_host: Text | None = None
    data: LongText | None = None


class ProcessEvent(LogBase):
    """A process that was started, reached into another or changed the system (OCSF 1007)."""

    kind: Literal["process"] = "process"
    action: Text | None = None
    """start, stop, access, inject, load …"""
    image: LongText | None = None
    command_line: LongText | None = None
    parent_image: LongText | None = None
    parent_command_line: LongText | None = None
    process_guid: Text | None = None
    target: LongText | None = None
    """The process, file, registry key or pipe acted upon."""
    data: LongText | None = None


class WebEvent(LogBase):
    """One line of a web server's access log (OCSF 4002, server side)."""

    kind: Literal["web"] = "web"
    method: Text | None = None
    uri: LongText | None = None
    status: Annotated[int, Field(ge=0, le=999)] | None = None
    bytes_in: Count | None = None
    user_agent: LongText | None = None
    referrer: LongText | None = None


LogEvent = Annotated[LineEvent | AuthEvent | ProcessEvent | WebEvent, Field(discriminator="kind")]
"""Any log event, told apart by `kind`."""
