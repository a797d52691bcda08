"""Connectors as the settings describe them."""

from collections.abc import Callable
from functools import partial

from pipeline.response.connector_options import Blocklist, Command, Smtp, Syslog
from pipeline.response.connectors.blocklist import BlocklistConnector
from pipeline.response.connectors.command import CommandConnector
from pipeline.response.connectors.connector import Connector
from pipeline.response.connectors.guard import Guard
from pipeline.response.connectors.http import HttpConnector
from pipeline.response.connectors.smtp import SmtpConnector
from pipeline.response.connectors.syslog import SyslogConnector
from pipeline.response.ledger import Ledger
from pipeline.response.options import ResponseOptions


def build_connectors(options: ResponseOptions, ledger: Ledger, clock: Callable[[], float]) -> dict[str, Connector]:
    """One each."""
    guard = Guard(options.allowed_hosts)
    made: dict[str, Connector] = {}
    for name, wanted in options.connectors.items():
        if isinstance(wanted, Smtp):
            made[name] = SmtpConnector(wanted, clock)
        elif isinstance(wanted, Syslog):
            made[name] = SyslogConnector(wanted, clock)
        elif isinstance(wanted, Command):
            made[name] = CommandConnector(wanted)
        elif isinstance(wanted, Blocklist):
            made[name] = BlocklistConnector(wanted, partial(ledger.held_by, name), clock)
        else:
            made[name] = HttpConnector(wanted, guard, clock)
    return made
