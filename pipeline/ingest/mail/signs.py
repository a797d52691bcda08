"""Signs of phishing that stand in a mail's header and need no model, counted alike for messages and gateway records."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.ingest.mail.links import registered

_DANGEROUS = (
    ".exe", ".scr", ".com", ".pif", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".hta", ".lnk",
    ".iso", ".img", ".vhd", ".vhdx", ".msi", ".jar", ".chm", ".reg", ".docm", ".xlsm", ".pptm", ".xlam", ".xll", ".one",
    ".htm", ".html", ".shtml", ".svg", ".ace", ".cab",
)  # fmt: skip
_CHECKS = ("spf", "dkim", "dmarc")
_FAILED = ("fail", "softfail", "permerror", "hardfail")


def dangerous(name: str) -> bool:
    """Whether a file of this name runs, or opens a page of its own, when it is opened."""
    return name.lower().rstrip(". ").endswith(_DANGEROUS)


def domain_of(address: str | None) -> str:
    """The registered domain of a mail address, empty without one."""
    return registered(address.rpartition("@")[2]) if address and "@" in address else ""


def signs(fields: Mapping[str, Any]) -> int:
    """How many of five: authentication that failed, or that was asked for and vouches for nothing; replies to another
    domain; a link that pretends; a dangerous attachment; a shown name that is another domain's address.
    """
    sender = domain_of(fields.get("mail_from"))
    reply = domain_of(fields.get("reply_to"))
    shown = str(fields.get("from_name") or "").rpartition(" ")[2].strip("<>()\"'")
    return sum(
        (
            _unvouched([str(fields[check]) for check in _CHECKS if fields.get(check)]),
            bool(sender and reply and reply != sender),
            bool(fields.get("link_mismatch")),
            any(dangerous(name) for name in fields.get("attachments") or ()),
            bool(sender and "@" in shown and domain_of(shown) != sender),
        )
    )


def _unvouched(results: Sequence[str]) -> bool:
    """What the receiving server found, of the checks that it made (RFC 8601)."""
    passed = any("pass" in result for result in results)
    return any(result in _FAILED for result in results) or bool(results and not passed)
