"""Whether something stands on the allow-list of what is never acted upon."""

import ipaddress
from collections.abc import Callable
from fnmatch import fnmatchcase

from pipeline.response.addresses import address_of
from pipeline.response.options import Allowed, ResponseOptions
from schemas.account import account_of

MoreAllowed = Callable[[str, str, str], str]
"""(action, target type, target) → why it is allowed, empty when it is not: lists that change while we run."""


class AllowCheck:
    """The setting's list, and lists that the runtime feeds."""

    def __init__(self, options: ResponseOptions, clock: Callable[[], float], more: MoreAllowed | None) -> None:
        self._allow = options.allow
        self._clock = clock
        self._more = more

    def why(self, action: str, target_type: str, target: str) -> str:
        """Why nothing may be done to it now; empty when it may."""
        for entry in self._allow:
            if entry.until is not None and entry.until.timestamp() <= self._clock():
                continue
            if entry.actions and action not in entry.actions:
                continue
            if (not entry.type or entry.type == target_type) and _matches(entry, target_type, target):
                return f"on the allow-list: {entry.reason} ({entry.owner})"
        return self._more(action, target_type, target) if self._more else ""


def _matches(entry: Allowed, target_type: str, target: str) -> bool:
    wanted, given = entry.target.lower(), target.lower()
    if wanted == given or (target_type == "user" and account_of(wanted) == account_of(given)):
        return True
    if "/" in wanted and (address := address_of(given)) is not None:
        try:
            return address in ipaddress.ip_network(wanted, strict=False)
        except (ValueError, TypeError):
            return False
    return "*" in wanted and fnmatchcase(given, wanted)
