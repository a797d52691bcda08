"""Every technique of ATT&CK that an alert may name: a detector's, and those of the rules in it."""

from pipeline.detectors.catalogue import catalogue
from pipeline.detectors.logs.host_rule_set import HOST_RULES
from pipeline.rules.shipped import shipped


def told() -> set[str]:
    """Ids as ATT&CK has them."""
    rules = shipped()
    return (
        {technique for cls in catalogue().values() for technique in cls.attacks}
        | {rule.technique for rule in HOST_RULES.rules}
        | {technique for one in (*rules.rules, *rules.correlations) for technique in one.about.attacks}
    )
