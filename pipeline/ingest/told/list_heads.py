"""What stands beside a list of records: words about the list, or a record of its own that happens to hold a list."""

import re
from collections.abc import Iterable

_TIME = re.compile(r"[Tt]ime(?!d_out)|[Dd]ate|published|[Cc]reated|(?:^|\.)(?:ts|t|when)$")
_OF_THE_LIST = re.compile(
    r"generat|export|report|retriev|fetch|download|extract|print|produc|quer[yi]|search|request|respon|server|as_?of"
    r"|dump|snapshot|collect|(?:^|\.|_)run",
    re.IGNORECASE,
)
"""Times at which somebody made a list, not of anything in it."""
_ABOUT_IT = re.compile(
    r"count|total|size|length|pages?$|limit|offset|next|prev|cursor|token|version|status|^ok$|success|code$|took|more|trunc"
    r"|quer[yi]|filter|range|from$|to$|start|end$|since|until|period|zone|id$|request|kind|schema|context|format|self|links?$"
    r"|max|min|timed_out|duration|elapsed|generat|export|report",
    re.IGNORECASE,
)
"""Names of what services, searches and exports say of a list."""


def is_record(names: Iterable[str]) -> bool:
    """Whether what has these names (dotted where nested) beside its list is a record: it has a time, and says more
    than how many there are and where they come from.

    >>> is_record(["generated_at", "by"]), is_record(["timestamp", "count"]), is_record(["time", "message"])
    (False, False, True)
    """
    told = list(names)
    timed = any(_TIME.search(name) and not _OF_THE_LIST.search(name) for name in told)
    return timed and any(not _TIME.search(name) and not _ABOUT_IT.search(name.rpartition(".")[2]) for name in told)
