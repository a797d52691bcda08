"""Signs of phishing that stand in a mail's header and need no model, counted alike for messages and gateway records."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.ingest.format import Fields
from pipeline.ingest.mail.links import Link, registered

_DANGEROUS = (
    ".exe", ".scr", ".com", ".pif", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".hta", ".lnk",
    ".iso", ".img", ".vhd", ".vhdx", ".msi", ".jar", ".chm", ".reg", ".docm", ".xlsm", ".pptm", ".xlam", ".xll", ".one",
    ".htm", ".html", ".shtml", ".svg", ".ace", ".cab",
)  # fmt: skip
_CHECKS = ("spf", "dkim", "dmarc")
_FAILED = ("fail", "softfail", "permerror", "hardfail")
# Mathematical letters, tags and selectors of variants of no sign, and what takes no room inside a word.
_DRESSED = re.compile("[\U0001d400-\U0001d7ff\U000e0000-\U000e01ef]|[A-Za-z][\u200b-\u200d\u2060\ufeff]+[A-Za-z]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_ALIKE = frozenset(("LATIN", "CYRILLIC", "GREEK"))
_OFFICE = re.compile(
    r"\b(?:e-?mail|mail|zimbra|roundcube|cpanel|exchange|server|system|network|technical|it)"
    r"\W{1,3}(?:\w{2,12}\W{1,3})?(?:admin\w*|support|help-?desk|help|desk|security|quota|storage|upgrade|server|team|service)\b"
    r"|\b(?:web-?mail|mail-?box|help ?desk|system ?admin\w*|sys-?admin\w*|web-?(?:master|admin\w*))\b",
    re.IGNORECASE,
)
"""How those who run the mail call themselves."""
_BOUNCED = ("mailer-daemon@", "postmaster@")
LOOK_AT = 1000
"""Characters of a subject or a shown name that are looked at."""
_RECIPIENTS = 50
"""Recipients whose domains are looked for."""


def dangerous(name: str) -> bool:
    """Whether a file of this name runs, or opens a page of its own, when it is opened."""
    return name.lower().rstrip(". ").endswith(_DANGEROUS)


def domain_of(address: str | None) -> str:
    """The registered domain of a mail address, empty without one."""
    return registered(address.rpartition("@")[2]) if address and "@" in address else ""


def signs(fields: Mapping[str, Any], links: Sequence[Link]) -> Fields:
    """A mail's links as fields, which of nine signs it shows (`signs`), and how many (`suspicion`): authentication
    that failed, or that was asked for and vouches for nothing; the latter, or no sender, and no link leads to the
    sender's own domain; replies to another domain; a link that pretends; a dangerous attachment; a shown name that is
    another domain's address; letters in subject or name that only look like letters; from outside, a subject or name
    that speaks of the recipient's own domain, or a name as mail systems and their administrators have it.
    """
    from_address = str(fields.get("mail_from") or "")
    subject = str(fields.get("subject") or "")
    sender = domain_of(from_address)
    houses = {domain_of(address) for address in (fields.get("rcpt_to") or ())[:_RECIPIENTS]} - {""}
    if not sender or sender in houses:
        houses = set()
    reply = domain_of(fields.get("reply_to"))
    name = str(fields.get("from_name") or "")
    shown = name.rpartition(" ")[2].strip("<>()\"'")
    results = [str(fields[check]) for check in _CHECKS if fields.get(check)]
    vouched = any("pass" in result for result in results)
    unvouched = bool(results) and not vouched
    # Who is vouched for leads to his own site through those who count his clicks.
    pretending = sum(link.mismatch and not (vouched and link.shown == sender) for link in links)
    # Honest mail leads to who sent it, at least to be unsubscribed; where somebody vouches (a list that passes mail on,
    # a mailer that signs for its customers), it need not.
    elsewhere = bool(links) and all(registered(link.site) != sender for link in links)
    found = {
        "unvouched": unvouched or any(result in _FAILED for result in results),
        "elsewhere": elsewhere and (unvouched or not sender),
        "reply": sender and reply and reply != sender,
        "link": pretending,
        "file": any(dangerous(file) for file in fields.get("attachments") or ()),
        "name": sender and "@" in shown and domain_of(shown) != sender,
        "letters": disguised(subject) or disguised(name),
        "house": any(_speaks_of(domain, f"{name} {subject}") for domain in houses),
        "office": bool(houses) and _OFFICE.search(name[:LOOK_AT]) and not from_address.startswith(_BOUNCED),
    }
    told = [sign for sign, seen in found.items() if seen]
    counts = {"link_mismatch": pretending, "suspicion": len(told)}
    return {"links": [link.url for link in links], "signs": " ".join(told) or None, **counts}


def _speaks_of(domain: str, text: str) -> bool:
    """Whether the domain, or an address or host in it, stands in the text: not as the end or beginning of another."""
    return bool(re.search(rf"(?<![\w-]){re.escape(domain)}(?![\w-]|\.\w)", text[:LOOK_AT], re.IGNORECASE))


def disguised(text: str) -> bool:
    """Whether letters are replaced by signs that look like them, so that people read a word and filters do not.

    >>> disguised("\U0001d5e3\U0001d5ee\U0001d606 today"), disguised("p\u0430ssword"), disguised("пароль password")
    (True, True, False)
    """
    text = text[:LOOK_AT]
    if text.isascii():
        return False
    return bool(_DRESSED.search(text)) or any(len(_scripts(word) & _ALIKE) > 1 for word in _WORD.findall(text))


def _scripts(word: str) -> set[str]:
    # A laboratory's μmol is honest.
    return {unicodedata.name(sign, "").partition(" ")[0] for sign in word.replace("\u03bc", "")}
