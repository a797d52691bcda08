"""Services of the domain that run under accounts of their own, whose passwords people chose: a prize for attackers."""

from collections.abc import Iterable

from pipeline.simulator.draws import Draws

_CLASSES = ("http/{}", "mssqlsvc/{}:1433", "app/{}:8443")
_ALWAYS = ("http/srv-ehr1", "mssqlsvc/srv-billing1:1433")
_COMMON, _OF_A_DEPARTMENT = 8, 2
# Accounts made before AES came and whose password was not changed since: they have an RC4 key alone.
_OLD = 0.25


class Principals:
    """Names as tickets are asked for. Everybody uses some, a department its own, many belong to what is long gone."""

    def __init__(self, draws: Draws, servers: Iterable[str], departments: Iterable[str]) -> None:
        rest = [form.format(server) for server in servers for form in _CLASSES]
        rest = [name for name in rest if name not in _ALWAYS]
        draws.rng.shuffle(rest)
        self.all = [*_ALWAYS, *rest]
        self.common = self.all[:_COMMON]
        left = iter(self.all[_COMMON:])
        self.of: dict[str, list[str]] = {name: [next(left) for _ in range(_OF_A_DEPARTMENT)] for name in departments}
        self.old = {name for name in self.all if draws.chance(_OLD)} | {_ALWAYS[1]}
