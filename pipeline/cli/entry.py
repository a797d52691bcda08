"""Where the command `wardwatch` begins, before anything is imported that takes time."""

import sys

EXIT_INTERRUPTED = 130


def main() -> None:
    """Run the command line; never returns."""
    try:
        from pipeline.cli.main import start  # noqa: PLC0415  half a second, in which Ctrl-C may strike, too

        start()
    except KeyboardInterrupt:
        sys.stderr.write("wardwatch: interrupted\n")
        sys.exit(EXIT_INTERRUPTED)
