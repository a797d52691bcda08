"""Mail by SMTP."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from pipeline.response.connector_options import Smtp
from pipeline.response.connectors.connector import Order, Outcome, Passing, Refused
from pipeline.response.connectors.secret import secret_of, without

_SUBJECT = 200


class SmtpConnector:
    """One server and its recipients. A mail that is sent again has the same Message-ID."""

    can_undo = False

    def __init__(self, options: Smtp, clock: Callable[[], float]) -> None:
        self._options = options
        self._clock = clock

    async def do(self, order: Order) -> Outcome:
        """Send."""
        o = self._options
        password = secret_of("password", o.password_file, o.password_env)
        try:
            refused, answer = await aiosmtplib.send(
                self._message(order), sender=o.sender, recipients=list(o.to), hostname=o.host, port=o.port,
                username=o.username, password=password or None, use_tls=o.tls == "tls",
                start_tls=o.tls == "starttls", tls_context=_context(o), timeout=o.timeout_s,
            )  # fmt: skip
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [r.code for r in error.recipients]
            reason = f"{o.host} takes none of the recipients (status {codes[0] if codes else '?'})"
            if any(400 <= code < 500 for code in codes):
                raise Passing(reason) from error
            raise Refused(reason) from error
        except aiosmtplib.SMTPResponseException as error:
            reason = f"{o.host}: status {error.code} {without(str(error.message), password)}"
            if 400 <= error.code < 500 or error.code < 0:
                raise Passing(reason) from error
            raise Refused(reason) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:  # time-outs and lost connections among them
            if isinstance(error, ssl.SSLCertVerificationError) or "STARTTLS" in str(error):
                raise Refused(f"{o.host}: no trustworthy TLS ({type(error).__name__})") from error
            raise Passing(f"{o.host}: {type(error).__name__}") from error
        kept_out = f"; refused: {len(refused)} of {len(o.to)} recipients" if refused else ""
        return Outcome(without(answer, password) + kept_out)

    async def check(self, order: Order) -> bool | None:
        """A server does not tell what it took."""
        return None

    async def close(self) -> None:
        """A connection is closed with its mail."""

    def _message(self, order: Order) -> EmailMessage:
        o, message = self._options, EmailMessage()
        message["Subject"] = _line(order.subject)[:_SUBJECT]
        message["From"] = Address("wardwatch", addr_spec=o.sender)
        message["To"] = ", ".join(o.to)
        message["Date"] = format_datetime(datetime.fromtimestamp(self._clock(), UTC))
        message["Message-ID"] = f"<{order.key}@{o.sender.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies
        message["X-Wardwatch-Incident"] = _line(order.detail.incident_id)
        message.set_content(order.text)
        return message


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _context(options: Smtp) -> ssl.SSLContext | None:
    if options.tls == "none":
        return None
    try:
        return ssl.create_default_context(cafile=str(options.ca_file) if options.ca_file else None)
    except OSError as error:
        raise Refused(f"ca_file cannot be read ({type(error).__name__})") from error
