"""The outcome of a run as Markdown and JSON."""

import json
import os
import platform
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.quality.part import Part, Row


@dataclass
class Report:
    """What was measured, part by part; `write` puts quality.md and quality.json into a folder."""

    sections: list[tuple[Part, list[Row], str]] = field(default_factory=list)

    def add(self, part: Part, rows: list[Row], note: str = "") -> None:
        """Rows of a part, or the reason why there are none."""
        self.sections.append((part, rows, note))

    def markdown(self) -> str:
        """The whole report."""
        text = ["# Quality", "", f"{_machine()}. `python -m benchmarks.quality`", ""]
        for part, rows, note in self.sections:
            text += [f"## {part.title} (`{part.name}`)", "", part.protocol, ""]
            text += [note, ""] if note else []
            text += [markdown_table(rows), ""] if rows else []
        return "\n".join(text)

    def write(self, folder: Path) -> None:
        """Tables, records and plots."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "quality.md").write_text(self.markdown())
        records = {p.name: {"title": p.title, "protocol": p.protocol, "note": note, "rows": rows}
                   for p, rows, note in self.sections}  # fmt: skip
        (folder / "quality.json").write_text(json.dumps({"machine": _machine(), "parts": records}, indent=1) + "\n")
        for part, rows, _ in self.sections:
            if part.plot is not None and rows:
                part.plot(rows, folder)


def markdown_table(rows: list[Row]) -> str:
    """A pipe table of all keys in the order in which they appear; a row without one has an empty cell."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(_cell(row.get(key, "")) for key in columns) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) < 10 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value).replace("|", "\\|")


def _machine() -> str:
    date = time.strftime("%Y-%m-%d", time.gmtime())
    load = os.getloadavg()[0]
    return f"{date}, Python {platform.python_version()}, {os.cpu_count()} cores, load average {load:.1f} at the end"
