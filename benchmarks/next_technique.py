"""How often the technique that came next was among the first told: learned from some hospitals, asked of others.

    python -m benchmarks.next_technique [--train 11,12,13] [--test 101,102] [--hours 10] [--staff 150] [--each 2]

An incident is what the detectors told of one story: techniques in the order of their first findings. Every step of an
incident of two or more is asked for, from the first technique on. Beside it: what is most frequent of all that was not
there yet, and the order of ATT&CK's tactics alone.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.quality.hospitals.playing import lists_of
from benchmarks.quality.hospitals.setting import Setting
from pipeline.detectors.catalogue import catalogue
from pipeline.engine.engine import EngineConfig
from pipeline.forecast.attack_order import likelihood
from pipeline.forecast.next_technique import NextTechnique
from pipeline.incidents.tactics import tactic_of
from pipeline.ingest.reader import Parsed
from pipeline.runtime.line import Plan
from pipeline.runtime.scan import Scan
from pipeline.simulator import Hospital
from pipeline.simulator.playbill import story_kinds
from schemas.alert import Alert

Predict = Callable[[Sequence[str]], list[str]]
_CHUNK = 8000
_ID = b'"event_id":"'


def incidents(setting: Setting) -> list[tuple[str, ...]]:
    """Techniques of every story of one hospital, as its alerts told them."""
    kinds = [kind for kind, story in sorted(story_kinds().items()) if len(story.techniques) > 1 and setting.fits(kind)]
    hospital = Hospital(stories=setting.stories(kinds), **setting.hospital)
    tags: dict[str, str] = {}
    told: dict[str, dict[str, float]] = defaultdict(dict)

    def on_alert(alert: Alert) -> None:
        stories = {tags[e.uid] for e in alert.finding_info.related_events if e.uid in tags}
        for story in stories:
            for attack in alert.finding_info.attacks:
                at = told[story].setdefault(attack.technique.uid, alert.start_time)
                told[story][attack.technique.uid] = min(at, alert.start_time)

    plan = Plan(EngineConfig(), lists_of(setting), None, 0)
    scan = Scan(plan, "played", _CHUNK, on_letter=lambda _: None, on_alert=on_alert)
    for event in hospital.events(setting.seconds):
        if event.label and not event.label.startswith("benign:"):
            at = event.value.index(_ID) + len(_ID)
            tags[event.value[at : at + 32].decode()] = event.label
        scan.add(Parsed(event.source, event.ts, event.key, event.value))
    scan.finish()
    return [tuple(sorted(found, key=lambda t: (found[t], t))) for _, found in sorted(told.items())]


def hits(predict: Predict, asked: Sequence[tuple[str, ...]]) -> tuple[int, int, int]:
    """(steps, right at once, among the first three)."""
    steps = first = third = 0
    for order in asked:
        for at in range(1, len(order)):
            told = predict(order[:at])
            steps += 1
            first += order[at] in told[:1]
            third += order[at] in told[:3]
    return steps, first, third


def main(argv: Sequence[str]) -> int:
    """Play, learn, ask, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.next_technique", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--train", default="11,12,13")
    parser.add_argument("--test", default="101,102")
    parser.add_argument("--hours", type=float, default=10.0)
    parser.add_argument("--staff", type=int, default=150)
    parser.add_argument("--each", type=int, default=2)
    given: Any = parser.parse_args(argv)
    known, asked = (
        [order for seed in map(int, seeds.split(","))
         for order in incidents(Setting(seed, staff=given.staff, hours=given.hours, begins_h=7.0, each=given.each))]
        for seeds in (given.train, given.test)
    )  # fmt: skip
    vocabulary = sorted({technique for detector in catalogue().values() for technique in detector.attacks})
    model = NextTechnique(tactic_of, vocabulary)
    for order in known:
        model.learn(order)
    counts = Counter(technique for order in known for technique in order)
    untaught = NextTechnique(tactic_of, vocabulary)
    candidates: dict[str, Predict] = {
        "learned order": lambda seen: [t for t, _ in model.next(seen)],
        "most frequent": lambda seen: [t for t, _ in counts.most_common() if t not in seen],
        "ATT&CK's order alone": lambda seen: [t for t, _ in untaught.next(seen)],
        "last tactic, frequent in it": lambda seen: _tactical(seen, counts),
    }
    print(f"learned from {len(known)} incidents, asked of {len(asked)}, vocabulary {len(vocabulary)}")
    for name, predict in candidates.items():
        steps, first, third = hits(predict, asked)
        print(f"{name:<28} {steps} steps: first {first / max(steps, 1):.1%}, among three {third / max(steps, 1):.1%}")
    return 0


def _tactical(seen: Sequence[str], counts: Counter[str]) -> list[str]:
    left = [t for t in counts if t not in seen]
    likely = likelihood(left, seen, tactic_of)
    return sorted(left, key=lambda t: -likely[t] * counts[t])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
