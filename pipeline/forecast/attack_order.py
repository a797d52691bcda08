"""The order in which intruders usually go about it, for where nothing was learned yet: ATT&CK's from left to right."""

from collections.abc import Callable, Mapping, Sequence

CHAIN = (
    "Reconnaissance", "Resource Development", "Initial Access", "Execution", "Persistence", "Privilege Escalation",
    "Defense Evasion", "Credential Access", "Discovery", "Lateral Movement", "Collection", "Command and Control",
    "Exfiltration", "Impact",
)  # fmt: skip
"""ATT&CK Enterprise, v17."""
_FADE = 0.75
"""Of a tactic's weight with each step further to the right of the last one."""
_BACK = 0.25
"""Intruders go back (look around again, take more credentials), but less often than on."""
_ASIDE = 0.1
"""What is in no tactic of the chain."""


def likelihood(candidates: Sequence[str], seen: Sequence[str], tactic_of: Callable[[str], str]) -> Mapping[str, float]:
    """Probability of each candidate technique to be the next, by the tactic of the last one seen alone.

    >>> tactics = {"T1046": "Discovery", "T1021": "Lateral Movement", "T1566": "Initial Access"}
    >>> likely = likelihood(["T1021", "T1566"], ["T1046"], lambda t: tactics.get(t, ""))
    >>> likely["T1021"] > likely["T1566"]
    True
    """
    place = {name: number for number, name in enumerate(CHAIN)}
    last = next((place[t] for t in map(tactic_of, reversed(seen)) if t in place), -1)
    weights = {}
    for technique in candidates:
        at = place.get(tactic_of(technique))
        if at is None:
            weights[technique] = _ASIDE
        else:
            weights[technique] = _FADE ** abs(at - last) * (1.0 if at >= last else _BACK)
    total = sum(weights.values()) or 1.0
    return {technique: weight / total for technique, weight in weights.items()}
