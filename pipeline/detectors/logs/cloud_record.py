"""How rules speak of records of clouds: what was done, by the name that the cloud gives it, and with what."""

from string import ascii_lowercase

from pipeline.detectors.logs.host_rule import HostRule, When, rules

_ERRORS = (*(letter for letter in ascii_lowercase if letter != "n"), "na", "ne", "nos", "not")
"""How an error's name begins: some exports write `null` or `None` where there was none."""
_WORDS = ("resultstatus:failed", "resultstatus:failure", "resultstatus:false", "resulttype:fail", "result:failure",
          *(f"errorcode:{begin}" for begin in _ERRORS))  # fmt: skip
REFUSED: tuple[When, When] = (("!command", *_WORDS), ("!data", *_WORDS))
"""What was refused has changed nothing, wherever the record stands."""


def acts(
    technique: str, weight: float, title: str, names: tuple[str, ...], *with_: tuple[str, ...]
) -> tuple[HostRule, ...]:
    """Rules for acts of these names, and each of `with_` in the record: words of which one occurs.

    A record stands in the message of its event or, where it has a text of its own, in `data`.
    """
    code = ("code=", *names)
    if not with_:
        return rules(technique, weight, title, (code, *REFUSED))
    return rules(
        technique, weight, title,
        (code, *(("command", *words) for words in with_), *REFUSED),
        (code, *(("data", *words) for words in with_), ("!command", "{"), *REFUSED),
    )  # fmt: skip
