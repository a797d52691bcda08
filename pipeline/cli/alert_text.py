"""An alert as a line for people."""

from datetime import UTC, datetime

from pipeline.cli.printable import printable
from schemas.alert import Alert

_MARKS = {1: "", 2: " (update)", 3: " (closed)"}


def alert_line(alert: Alert) -> str:
    """When it began, how grave, who, what; how often and which detector."""
    began = datetime.fromtimestamp(alert.start_time / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    often = f" ×{alert.count:,}" if alert.count > 1 else ""
    mark = _MARKS[alert.activity_id]
    detector = alert.finding_info.analytic.uid
    return f"{began}  {alert.severity.upper():<8}  {printable(alert.message)}  [{detector}{often}]{mark}"
