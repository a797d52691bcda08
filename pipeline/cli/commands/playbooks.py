"""Which playbooks are in use, and what is wrong with the user's."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import orjson

from pipeline.cli.printable import printable
from pipeline.response.playbook import ActionStep, Playbook
from pipeline.response.playbook_set import read_playbooks, shipped_playbooks
from pipeline.response.playbook_text import PlaybookProblem
from pipeline.settings import load_settings


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object: playbooks and problems.")
def run(paths: tuple[Path, ...], as_json: bool) -> int:
    """List the playbooks in use, or check those of files and folders without using them.

    One that cannot be used is told with file, line and what to write instead, and then the exit status is 1.
    """
    settings = load_settings()
    found, problems = read_playbooks(paths or settings.response.playbooks)
    if not paths:
        shipped = shipped_playbooks() if settings.response.shipped_playbooks else ()
        found = list({p.key: p for p in (*shipped, *found)}.values())
    missing = [] if paths else list(_missing(found))
    if as_json:
        print(orjson.dumps(_document(found, problems), option=orjson.OPT_INDENT_2).decode())
    else:
        _print(found, problems, missing)
    return 1 if problems else 0


def _print(found: list[Playbook], problems: list[PlaybookProblem], missing: list[str]) -> None:
    for problem in problems:
        print(f"broken  {printable(str(problem))}")
    for playbook in found:
        wanted = playbook.x_wardwatch
        kinds = ", ".join(wanted.kinds) or "every kind"
        print(f"{printable(playbook.key):<18} {kinds}, severity {wanted.min_severity} or more: {_actions(playbook)}")
    if not found and not problems:
        print("no playbook there: files end with .yaml or .yml", file=sys.stderr)
    for sentence in missing:
        print(printable(sentence), file=sys.stderr)


def _missing(found: list[Playbook]) -> Iterator[str]:
    """What playbooks ask for and the settings do not have; nothing is said while nothing at all is set up."""
    options = load_settings().response
    if not options.actions:
        return
    steps = [s for p in found for s in p.workflow.values() if isinstance(s, ActionStep)]
    for action in dict.fromkeys(s.command for s in steps if not s.agent):
        if action not in options.actions:
            yield f"no connector carries out {action}: set response.actions.{action}"
    for name in dict.fromkeys(a.x_wardwatch.connector for p in found for a in p.agent_definitions.values()):
        if name not in options.connectors:
            yield f"an agent is the connector {name}, which is not there: set response.connectors.{name}"
    for role in dict.fromkeys(r for s in steps for r in s.x_wardwatch.roles):
        if role not in options.roles:
            yield f"nobody is in the role {role}, whose approval is asked for: set response.roles.{role}"


def _actions(playbook: Playbook) -> str:
    """Its actions in order, with the approvals they need."""
    steps = [s for s in playbook.workflow.values() if isinstance(s, ActionStep)]
    told = [s.command + (f" ({s.x_wardwatch.approvals} approvals)" if s.x_wardwatch.approvals else "") for s in steps]
    return ", ".join(told)


def _document(found: list[Playbook], problems: list[PlaybookProblem]) -> dict[str, object]:
    return {
        "playbooks": [
            {
                "id": p.id,
                "name": p.name,
                "selection": p.x_wardwatch.model_dump(mode="json"),
                "actions": [s.command for s in p.workflow.values() if isinstance(s, ActionStep)],
            }
            for p in found
        ],
        "problems": [{"file": p.path, "line": p.line, "reason": p.reason} for p in problems],
    }
