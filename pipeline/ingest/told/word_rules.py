"""Rules that read a name by its words: which of them have to be there, and which may stand beside."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True)
class Rule:
    """A name has to hold a word of each set of `needs`, and no others but of the first set and `also`. How sure it is
    goes by the place of its word in the first set, behind `less`."""

    role: str
    needs: tuple[tuple[str, ...], ...]
    also: frozenset[str] = frozenset()
    less: int = 0

    def fits(self, words: tuple[str, ...]) -> int | None:
        """How sure (0 is surest) these words are of the role; None where they are not."""
        told = [words.index(word) for need in self.needs for word in _first(need, words)]
        if len(set(told)) < len(self.needs):
            return None
        rest = [word for at, word in enumerate(words) if at not in told]
        if not self.also.union(self.needs[0]).issuperset(rest):
            return None
        return self.less + self.needs[0].index(words[told[0]])


def rule(role: str, *needs: str, also: str = "", less: int = 0) -> Rule:
    """A rule of words written with blanks between them."""
    return Rule(role, tuple(tuple(need.split()) for need in needs), frozenset(also.split()), less)


def _first(need: tuple[str, ...], words: tuple[str, ...]) -> list[str]:
    return [word for word in need if word in words][:1]


class Vocabulary:
    """All words of some rules, by which names are taken apart that were written as one."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._known = frozenset().union(*(one.also.union(*one.needs) for one in rules))
        long = sorted((word for word in self._known if len(word) > 1), key=len, reverse=True)
        self._together = re.compile("|".join(long))
        # never goes back: `usernameusername…` has many readings, and the longest words are the ones that count
        self._all_together = re.compile(f"(?>{'|'.join(long)})++")

    def words_of(self, name: str) -> tuple[str, ...]:
        """The words of a name, in small letters; those written as one stand apart where all of them are known."""
        found: list[str] = []
        for word in _WORDS.findall(name):
            low = word.lower()
            known = low in self._known or not self._all_together.fullmatch(low)
            found += [low] if known else self._together.findall(low)
        return tuple(found)
