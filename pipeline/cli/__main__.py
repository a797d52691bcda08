"""`python -m pipeline.cli`: the command `wardwatch`, for child processes that must not depend on PATH."""

from pipeline.cli.entry import main

main()
