"""What is wrong with a rule that a user gave."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that does not run, and why."""

    path: str
    line: int
    """In the file, from 1."""
    title: str
    """The rule's title, empty where it has none."""
    reason: str
    broken: bool
    """True: the file is wrong. False: it is right, and asks for what wardwatch cannot do."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.reason}"
