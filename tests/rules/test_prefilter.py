"""The pre-filter never loses a hit, whatever rules and texts are."""

import orjson
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.rules.program import Program
from pipeline.rules.reading import read_rules
from rules.short_events import batch_of

# Few words, so that rules often hit; with all that JSON and case make difficult.
WORDS = (
    "power",
    "shell.exe",
    "\\",
    '"',
    "-Enc",
    "é",
    "K",
    "ſ",
    "\n",
    " ",
    "/c",
    "cmd",
    "{x}",
    "\\u0041",
    "<a>",
    "12.5",
)
text = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map("".join)
modifier = st.sampled_from(["", "|contains", "|startswith", "|endswith", "|contains|all", "|cased|contains"])
fields = st.sampled_from(["Image", "CommandLine", "Other"])
item = st.dictionaries(
    st.tuples(fields, modifier).map("".join), st.lists(text, min_size=1, max_size=3), min_size=1, max_size=3
)
detection = st.one_of(item, st.lists(item, min_size=1, max_size=2), st.lists(text, min_size=1, max_size=2))
condition = st.sampled_from(["a", "a and b", "a or b", "a and not b", "not a", "1 of them", "all of them"])
escaped = st.booleans()


@settings(max_examples=60, deadline=None)
@given(
    rules=st.lists(st.tuples(detection, detection, condition), min_size=1, max_size=6),
    events=st.lists(st.tuples(text, text, text, escaped), min_size=1, max_size=5),
)
def test_same_hits_as_plain_evaluation(rules: list[tuple], events: list[tuple[str, str, str, bool]]) -> None:  # type: ignore[type-arg]
    texts = [
        (
            f"{k}.yml",
            yaml.safe_dump(
                {
                    "title": str(k),
                    "logsource": {"category": "process_creation"},
                    "detection": {"a": a, "b": b, "condition": c},
                }
            ),
        )
        for k, (a, b, c) in enumerate(rules)
    ]
    program = Program(read_rules(texts).rules, "logs")
    documents = []
    for k, (image, command, other, ascii_only) in enumerate(events):
        # As another producer might write it: \u escapes for the first letters of the data.
        data = orjson.dumps({"CommandLine": command, "Other": other}).decode()
        if ascii_only:
            data = data.replace("e", "\\u0065").replace("<", "\\u003c")
        event = {"kind": "process", "action": "start", "format": "x", "host": "h", "image": image, "data": data}
        documents.append({"ts": 1.0, "event_id": str(k)} | event)
    batch = batch_of(documents, "logs")
    assert [(r, n) for r, n, _ in program.hits(batch)] == list(program.hits_plainly(batch))
