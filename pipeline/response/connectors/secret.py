"""Secrets of connectors: from files or from the environment, read when they are needed, never told."""

import os
from pathlib import Path

from pipeline.response.connectors.connector import Refused

_SHORTEST = 4


def secret_of(name: str, path: Path | None, variable: str | None) -> str:
    """The secret, empty when none is set. Raises Refused, which names file or variable and never the content."""
    if path is not None:
        try:
            text = path.expanduser().read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"{name}_file cannot be read ({type(error).__name__})") from error
        if not text:
            raise Refused(f"{name}_file is empty")
        return text
    if variable is not None:
        text = os.environ.get(variable, "").strip()
        if not text:
            raise Refused(f"{name}_env: the environment has no {variable}")
        return text
    return ""


def without(text: str, *secrets: str) -> str:
    """An answer as it may be recorded: without secrets, in one line, short."""
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, "***")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]
