"""A hospital's day in a minute, through the real parts."""

import shutil
import time
from pathlib import Path

import click
from kafka import KafkaConsumer
from rich.console import Console
from rich.table import Table

from pipeline.cli.demo_feed import DemoFeed
from pipeline.cli.incident_text import incident_summary
from pipeline.cli.local import running_stack, say, stack_settings
from pipeline.cli.printable import printable
from pipeline.errors import LocalServiceError
from pipeline.local.service_folder import ServiceFolder, check_port_free, free_port
from pipeline.local.stack import Stack
from pipeline.settings import Settings, load_settings
from pipeline.simulator import StoryLabel
from pipeline.sinks.clickhouse import ClickHouse
from pipeline.sinks.kafka import plain_consumer
from schemas.alert import Alert
from schemas.incident import Incident
from schemas.tables import FROM_PRODUCERS

SPAN_S = 4 * 3600.0
EVENTS_PER_S = 12.0
_SETTLE_S = 30.0
# Within four hours nothing would be judged if accesses waited four hours for a reason.
_HURRY = {
    "WARDWATCH_ACCESS_GRACE_H": "0.5",
    "WARDWATCH_BREAK_GLASS_H": "1",
    "WARDWATCH_CLAIM_WAIT_D": "0.05",
}
_COLOURS = {5: "bold red", 4: "red", 3: "yellow", 2: "cyan", 1: "white"}


@click.command()
@click.option("--seconds", default=60.0, show_default=True, type=click.FloatRange(10, 3600), help="How long to feed.")
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0), help="Another seed, another hospital.")
@click.option("--keep", is_flag=True, help="Leave the servers running until Ctrl-C, to look around.")
def run(seconds: float, seed: int, keep: bool) -> int:
    """Watch a simulated hospital under attack: real Kafka, Faust, River models and ClickHouse, on this machine.

    Four hours of hospital time pass within --seconds. Nothing leaves the machine; each demo replaces the data of the
    one before.
    """
    folder = load_settings().data_dir / "demo"
    _clear(folder)
    ports = {"kafka_port": _port(9092), "clickhouse_port": _port(8123)}
    with running_stack(folder, **ports, environment=_HURRY) as stack:
        settings = stack_settings(stack)
        url = stack.clickhouse.url
        say(f"\nQuery it while it runs:  curl '{url}/' --data 'SELECT * FROM current_alerts LIMIT 5 FORMAT Vertical'")
        say(f"Alerts are on the topic alerts at {stack.kafka.bootstrap}. Ctrl-C stops everything.\n")
        feed = DemoFeed(settings, seed=seed, span_s=SPAN_S, wall_s=seconds, events_per_s=EVENTS_PER_S)
        alerts = _Watcher(settings)
        try:
            stopped = _follow(stack, feed, alerts)
        finally:
            feed.stop()
            alerts.close()
        _conclude(settings, feed, alerts, stopped)
        if keep and not stopped:
            say(f"\nStill running: Kafka {stack.kafka.bootstrap}, ClickHouse {url}. Ctrl-C stops.")
            stack.watch()
    store = folder / "clickhouse" / "store"
    say(f"The data stays there:  wardwatch sql --db {store} 'SELECT * FROM current_alerts'")
    return 0


def _clear(folder: Path) -> None:
    """The last demo's data goes. Raises LocalServiceError while another demo runs there."""
    for name in ("kafka", "clickhouse"):
        with ServiceFolder(f"demo {name}", folder / name):
            for entry in (folder / name).iterdir():
                if entry.is_dir():
                    shutil.rmtree(entry, ignore_errors=True)
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)


def _port(usual: int) -> int:
    """The usual port, or any free one when something else has it."""
    try:
        check_port_free("demo", "127.0.0.1", usual)
    except LocalServiceError:
        return free_port()
    return usual


class _Watcher:
    """Prints alerts as they arrive and remembers them."""

    def __init__(self, settings: Settings) -> None:
        self._consumer: KafkaConsumer = plain_consumer(settings, auto_offset_reset="earliest")
        self._consumer.subscribe([settings.topic_prefix + "alerts"])
        self._console = Console()
        self.seen: dict[str, Alert] = {}

    def poll(self, wait_s: float) -> None:
        """Print what arrives within `wait_s`; repeated findings only raise the count of an alert."""
        for records in self._consumer.poll(timeout_ms=int(wait_s * 1000)).values():
            for record in records:
                alert = Alert.model_validate_json(record.value)
                new = alert.finding_info.uid not in self.seen
                self.seen[alert.finding_info.uid] = alert
                if new:
                    self._print(alert)

    def _print(self, alert: Alert) -> None:
        when = time.strftime("%H:%M:%S", time.gmtime(alert.start_time / 1000))
        self._console.print(f"{when} ", end="", highlight=False)
        self._console.print(f"{alert.severity.upper():<8} ", end="", style=_COLOURS[alert.severity_id])
        self._console.print(printable(alert.message), markup=False, highlight=False, end="", soft_wrap=True)
        self._console.print(f"  {alert.finding_info.analytic.uid}", style="dim")

    def close(self) -> None:
        """Leave the topic."""
        self._consumer.close()


def _follow(stack: Stack, feed: DemoFeed, alerts: _Watcher) -> bool:
    """Feed and print until all is scored; True when a signal ended it."""
    feed.start()
    while not feed.done():
        alerts.poll(0.3)
        if not stack.watch(0.0):
            return True
    if feed.failed is not None:
        raise feed.failed
    database = ClickHouse.connect(stack_settings(stack))
    deadline = time.monotonic() + _SETTLE_S
    try:
        while time.monotonic() < deadline:
            alerts.poll(0.5)
            if not stack.watch(0.0):
                return True
            if database.query(f"SELECT count() FROM scored_events WHERE {FROM_PRODUCERS}")[0][0] >= feed.sent:
                break
        alerts.poll(1.0)
    finally:
        database.close()
    return False


def _conclude(settings: Settings, feed: DemoFeed, alerts: _Watcher, stopped: bool) -> None:
    database = ClickHouse.connect(settings)
    try:
        rows = database.query(
            f"SELECT source, count() FROM scored_events WHERE {FROM_PRODUCERS} GROUP BY source ORDER BY source"
        )
        reasons = database.query("SELECT reason, count() AS n FROM accesses GROUP BY reason ORDER BY n DESC")
        incidents = database.query(
            """SELECT document FROM incidents FINAL WHERE merged_into = '' ORDER BY peak_risk DESC LIMIT 1000"""
        )
    finally:
        database.close()
    total = sum(count for _, count in rows)
    say(
        f"\n{feed.sent:,} events sent, {total:,} scored in ClickHouse"
        f" ({', '.join(f'{source} {count:,}' for source, count in rows)}); {len(alerts.seen)} alerts."
    )
    if reasons:
        known = ", ".join(f"{reason.replace('_', ' ')} {count:,}" for reason, count in reasons)
        say(f"Why charts were opened, as far as judged: {known}.")
    for line in incident_summary(Incident.model_validate_json(document) for (document,) in incidents):
        say(line)
    if not stopped:
        _stories(feed.labels(), list(alerts.seen.values()))


def _stories(labels: list[StoryLabel], alerts: list[Alert]) -> None:
    """Which of the hospital's attack stories some alert names an entity of, within its time."""
    table = Table(
        title="The attacks in it, and the alerts that name someone involved at that time", title_justify="left"
    )
    for heading in ("attack", "ATT&CK", "alerts", "by"):
        table.add_column(heading)
    for label in labels:
        if label.kind.startswith("benign:"):
            continue
        hits = [a for a in alerts if _names(a, label)]
        by = sorted({a.finding_info.analytic.uid for a in hits})
        table.add_row(label.story, " ".join(label.techniques), str(len(hits)) if hits else "–", ", ".join(by))
    Console(stderr=True).print(table)


def _names(alert: Alert, label: StoryLabel) -> bool:
    within = alert.start_time <= label.last_ts * 1000 and alert.end_time >= label.first_ts * 1000
    named = {value for values in label.entities.values() for value in values}
    return within and bool({o.value for o in alert.observables} & named)
