r"""One account, however systems write it: `JDOE`, `HOSP\jdoe` and `jdoe@hosp.example` are `jdoe`."""

CAPITALS = {c: c + 32 for c in (*range(0x41, 0x5B), *range(0xC0, 0xD7), *range(0xD8, 0xDF))}
"""Capital letters of ASCII and Latin-1 and what they become; kernels fold the same (`pipeline.charts.columns`)."""
PUBLIC_MAIL = (
    "gmail.", "googlemail.", "yahoo.", "ymail.", "outlook.", "hotmail.", "live.com", "msn.com", "icloud.", "me.com",
    "aol.", "gmx.", "web.de", "t-online.", "proton.", "protonmail.", "yandex.", "mail.ru", "qq.com", "163.com",
    "orange.fr", "free.fr", "libero.it",
)  # fmt: skip
"""How domains begin under which anybody has a mailbox: there the name alone is nobody, as of relatives at a portal."""


def account_of(name: str) -> str:
    r"""An account's name in lower case without the domain of its house.

    >>> account_of("HOSP\\JDoe"), account_of("jdoe@hosp.example"), account_of("MÜLLER")
    ('jdoe', 'jdoe', 'müller')
    >>> account_of("Mary@Gmail.com")
    'mary@gmail.com'
    """
    plain = (name.rsplit("\\", 1)[-1] or name).translate(CAPITALS)
    at = plain.find("@", 1)
    return plain if at < 0 or plain.startswith(PUBLIC_MAIL, at + 1) else plain[:at]
