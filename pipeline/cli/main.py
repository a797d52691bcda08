"""Finds the command, runs it, and turns every expected error into one line and an exit status."""

import ast
import gc
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from pipeline.cli import commands, interrupts, terminal
from pipeline.cli.entry import EXIT_INTERRUPTED
from pipeline.cli.printable import printable
from pipeline.errors import UsageError, WardwatchError

_YOUNG = 50_000
"""Objects that are made before Python searches the new ones for cycles, instead of 700: some 10 MB."""
_LONGEST = 2000
"""Characters of a message: what it quotes may come from a broken file."""
EXIT_FAILURE, EXIT_USAGE = 1, 2


class CommandRoom(click.Group):
    """Loads a command's module only when it is asked for, so that the others cost nothing."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. A closed pipe (head, less) is no failure; click's own handlers would say otherwise."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # Nothing more to say, and Python must not complain at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except KeyboardInterrupt:
            raise InterruptedError from None
        return result

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every file of the room."""
        return sorted(m.name for m in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, None when there is no such file."""
        if cmd_name not in self.list_commands(ctx):
            return None
        found = importlib.import_module(f"{commands.__name__}.{cmd_name}").run
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each command and the first sentence of its help, read from the source: importing them all takes seconds."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _first_sentence(name)) for name in self.list_commands(ctx)])


@click.command(cls=CommandRoom, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wardwatch", message="%(prog)s %(version)s")
def root() -> None:
    """Streaming threat, fraud and privacy detection for hospitals."""


def start() -> None:
    """Run the command of this process's arguments; never returns. KeyboardInterrupt when struck between commands."""
    # Nearly all that a start makes stays: looking through it again and again took .4 of its 2.7 s.
    gc.set_threshold(_YOUNG)
    interrupts.prepare()
    terminal.prepare()
    status = run(sys.argv[1:])
    interrupts.finish()
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit status: 0, 1 for a failure, 2 for wrong usage, 130 for Ctrl-C."""
    try:
        result = root.main(list(arguments), prog_name="wardwatch", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.ctx.get_help() if error.ctx else error.format_message())
        return 0
    except (Exception, KeyboardInterrupt) as error:
        message, status = _answer(error)
        interrupts.taken()
        if not message:
            raise
        return _say(message, status)
    return result if isinstance(result, int) else 0


def _answer(error: BaseException) -> tuple[str, int]:
    """What is said of an error and the exit status; no words for one that nobody foresaw."""
    if interrupts.behind(error) or isinstance(error, click.Abort):
        return "interrupted", EXIT_INTERRUPTED
    if isinstance(error, click.UsageError):
        where = error.ctx.command_path if error.ctx else "wardwatch"
        return f"{error.format_message().rstrip('.')}; see {where} --help", EXIT_USAGE
    if isinstance(error, WardwatchError):
        return str(error), EXIT_USAGE if isinstance(error, UsageError) else EXIT_FAILURE
    if isinstance(error, click.ClickException):
        return error.format_message(), EXIT_FAILURE
    if isinstance(error, OSError):  # a full disk, a folder that must not be written: the system tells it
        where = f"{error.filename}: " if isinstance(error.filename, str) else ""
        return f"{where}{error.strerror or error}", EXIT_FAILURE
    return "", EXIT_FAILURE


def _first_sentence(command: str) -> str:
    source = Path(*commands.__path__, f"{command}.py").read_text("utf-8")
    run = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == "run")
    words = " ".join((ast.get_docstring(run) or "").split())
    return words.partition(". ")[0].removesuffix(".") + "."


def _say(message: str, status: int) -> int:
    print("wardwatch: " + printable(" ".join(message.split())[:_LONGEST]), file=sys.stderr)
    return status
