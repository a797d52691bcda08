"""Each shipped rule hits what it is for, and leaves alone what looks like it."""

import re
from pathlib import Path

import pytest
import yaml

from pipeline.detectors.detector import Setup
from pipeline.detectors.logs.sigma import LogSigma
from pipeline.detectors.network.sigma import NetworkSigma
from pipeline.rules.shipped import shipped
from rules.short_events import batch_of, document

EXAMPLES = yaml.safe_load((Path(__file__).parent / "pack_examples.yaml").read_text())
ABOUT = [x.about for x in (*shipped().rules, *shipped().correlations)]
TOLD = [x.about for x in (*shipped().rules, *shipped().correlations) if not x.silent]
DETECTORS = {"logs": LogSigma(Setup(8)), "network": NetworkSigma(Setup(8))}


def _titles(shorts: list[dict[str, object]]) -> set[str]:
    made = [document(short, k) for k, short in enumerate(shorts)]
    source = made[0][0]
    detector = DETECTORS[source]
    for group in range(8):
        detector.load(group, {})
    batch = batch_of([d for _, d in made], source)
    scores = detector.score(batch)
    assert scores.parts is not None
    found = [detector.explain_part(batch, scores, k) for k in range(len(scores.parts.rows))]
    assert all(len(e.message) < 400 and e.rule and e.severity for e in found)
    return {e.title for e in found}


def test_nothing_is_wrong_with_the_pack() -> None:
    assert not [str(p) for p in shipped().problems]
    assert 40 <= len(shipped()) <= 130


def test_rules_on_traffic_wait_for_a_word() -> None:
    """A rule of which no literal is known is looked at on every event: too dear for a busy sensor."""
    assert not [r.about.title for r in shipped().rules if "network" in r.gates and not r.clauses]


@pytest.mark.parametrize("title", [a.title for a in TOLD])
def test_rule_tells_its_story_and_not_its_twin(title: str) -> None:
    assert title in EXAMPLES, "every rule has an example"
    assert title in _titles(EXAMPLES[title]["hit"])
    assert title not in _titles(EXAMPLES[title]["quiet"])


def test_rules_describe_themselves() -> None:
    assert len({a.key for a in ABOUT}) == len(ABOUT)
    assert set(EXAMPLES) == {a.title for a in TOLD}
    for about in ABOUT:
        assert re.fullmatch(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", about.key)
        assert about.attacks and about.description and about.false_positives
