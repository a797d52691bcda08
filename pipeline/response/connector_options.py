"""How each receiver of actions is reached: table `[response.connectors.NAME]` of wardwatch.toml."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

PLACEHOLDERS = (
    "action", "action_id", "target", "target_type", "incident_id", "severity", "sentence", "until", "reference",
    "playbook", "subject", "text",
)  # fmt: skip
"""What may stand in braces in arguments, URLs and JSON templates."""
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class Reached(BaseModel):
    """What all connectors share."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dry_run: bool | None = None
    """Overrides `response.dry_run` for this connector: a mail may go out while isolation is still rehearsed."""
    timeout_s: float = Field(default=10.0, gt=0, le=600)
    """For one attempt."""
    attempts: int = Field(default=4, ge=1, le=20)
    """After so many that failed for a reason that may pass the action has failed."""
    at_once: int = Field(default=8, ge=1, le=64)
    """So many calls to it are under way at most."""
    target_types: tuple[str, ...] = ()
    """What it can be given (`host`, `ip`, `mac` …); empty: all that the action takes."""


class Smtp(Reached):
    """Mail. The password comes from a file or from a variable of the environment, never from this table."""

    kind: Literal["smtp"]
    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65_535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None
    username: str | None = None
    password_file: Path | None = None
    password_env: str | None = None
    sender: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    to: tuple[Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _no_password_in_clear(self) -> "Smtp":
        if self.username and self.tls == "none":
            raise ValueError('username with tls = "none" would send the password in clear: use starttls or tls')
        if self.username and not (self.password_file or self.password_env):
            raise ValueError("username needs password_file or password_env")
        return self


class Http(Reached):
    """A call by HTTP. What has to stay secret (tokens, whole URLs) comes from files or the environment.

    The host of `url` may be a public one; one that is private or on this machine has to be named in
    `response.allowed_hosts`. Redirects are not followed.
    """

    url: str = ""
    url_file: Path | None = None
    url_env: str | None = None
    """Where the URL itself is the secret, as with Slack."""
    undo_url: str = ""
    check_url: str = ""
    """Asked with GET after a crash: 200 says that the action is done, 404 that it is not."""
    method: Literal["POST", "PUT", "PATCH", "DELETE", "GET"] = "POST"
    undo_method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST"
    headers: dict[str, str] = {}
    token_file: Path | None = None
    token_env: str | None = None
    """Sent as `Authorization: Bearer …`."""
    secret_file: Path | None = None
    secret_env: str | None = None
    """Key of the signature (HMAC-SHA256), see infra/decisions/011-response.md."""
    ca_file: Path | None = None
    id_path: str = ""
    """Where the answer's JSON says what the other side calls it: `result.sys_id`."""

    @field_validator("url", "undo_url", "check_url")
    @classmethod
    def _a_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("write it as https://host/path")
        if "{" in parts.netloc or "@" in parts.netloc:
            raise ValueError("neither a placeholder nor a password may stand in the host of a URL")
        return checked(url)

    @field_validator("headers")
    @classmethod
    def _no_secret_headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name in headers:
            if name.lower() in ("authorization", "proxy-authorization", "cookie", "x-api-key"):
                raise ValueError(f"{name} would be a secret in a settings file: use token_file or token_env")
        return headers

    @model_validator(mode="after")
    def _one_url(self) -> "Http":
        if sum(map(bool, (self.url, self.url_file, self.url_env))) != 1:
            raise ValueError("give one of url, url_file, url_env")
        return self


class Webhook(Http):
    """POSTs a JSON description of the action, or `body` with its placeholders filled in."""

    kind: Literal["webhook"]
    body: dict[str, Any] | None = None

    @field_validator("body")
    @classmethod
    def _known_names(cls, body: dict[str, Any] | None) -> dict[str, Any] | None:
        _check_all(body)
        return body


class Ticket(Http):
    """A ticket system with a REST interface: `body` is what it wants, `id_path` where its answer has the number."""

    kind: Literal["ticket"]
    body: dict[str, Any] = {"title": "{sentence}", "description": "{text}", "severity": "{severity}"}

    @field_validator("body")
    @classmethod
    def _known_names(cls, body: dict[str, Any]) -> dict[str, Any]:
        _check_all(body)
        return body


class Slack(Http):
    """An incoming webhook as Slack, Mattermost and Rocket.Chat take it: `{"text": …}`."""

    kind: Literal["slack"]


class Syslog(Reached):
    """RFC 5424. TCP with octet counting (RFC 6587), TLS as in RFC 5425."""

    kind: Literal["syslog"]
    host: str = Field(min_length=1)
    port: int = Field(default=514, ge=1, le=65_535)
    protocol: Literal["udp", "tcp", "tls"] = "udp"
    ca_file: Path | None = None
    facility: int = Field(default=13, ge=0, le=23)
    """13: log audit."""


class Command(Reached):
    """A program of the hospital's own. No shell: each argument is one argument, whatever a name contains.

    Exit status 0: done; 75 (EX_TEMPFAIL): try again; any other: failed. The program finds the idempotency key in
    WARDWATCH_ACTION_ID. When it takes too long its whole process group is ended.
    """

    kind: Literal["command"]
    argv: tuple[str, ...] = Field(min_length=1)
    undo_argv: tuple[str, ...] = ()
    check_argv: tuple[str, ...] = ()
    """Run after a crash; exit status 0 says that the action is done, 1 that it is not."""
    environment: dict[str, str] = {}
    """Besides PATH and what we say."""
    secrets: dict[str, Path] = {}
    """Variable → file whose content it gets."""
    timeout_s: float = Field(default=30.0, gt=0, le=600)

    @field_validator("argv", "undo_argv", "check_argv")
    @classmethod
    def _program(cls, argv: tuple[str, ...]) -> tuple[str, ...]:
        if argv and not Path(argv[0]).is_absolute():
            raise ValueError(f"name the program by its whole path, not {argv[0]!r}")
        if argv and "{" in argv[0]:
            raise ValueError("the program itself cannot be a placeholder")
        for argument in argv:
            checked(argument)
        return argv


class Blocklist(Reached):
    """A file of what is blocked, which a firewall or name server reads; rewritten whole, and atomically."""

    kind: Literal["blocklist"]
    path: Path
    format: Literal["addresses", "rpz"]
    """addresses: one a line, with a comment until when · rpz: a response policy zone (domains and addresses)."""


Connector = Annotated[
    Smtp | Webhook | Ticket | Slack | Syslog | Command | Blocklist,
    Field(discriminator="kind"),
]


def checked(template: str) -> str:
    """The template. Raises ValueError for a placeholder that does not exist."""
    for name in _PLACEHOLDER.findall(template):
        if name not in PLACEHOLDERS:
            raise ValueError(f"{{{name}}} is no placeholder; there are {', '.join(PLACEHOLDERS)}")
    return template


def _check_all(node: Any) -> None:
    if isinstance(node, str):
        checked(node)
    elif isinstance(node, dict):
        for child in node.values():
            _check_all(child)
    elif isinstance(node, list):
        for child in node:
            _check_all(child)
