"""Every detector's own stories, told of patients in clear text: the alerts know pseudonyms only."""

import numpy as np
import orjson
import pytest

from pipeline.detectors.catalogue import catalogue
from pipeline.detectors.detector import Detector, Example
from pipeline.engine.engine import EngineConfig
from pipeline.features.lists import Lists
from pipeline.features.pseudonyms import PREFIX, Pseudonymiser
from pipeline.runtime.line import Line, Plan
from pipeline.runtime.lists.files import indexed
from pipeline.simulator import Emitted
from privacy.marked import marked, marks, with_copies_of_the_name
from schemas.sources import INPUTS

PSEUDONYMISER = Pseudonymiser(b"a key of the tests")
TOLD = [
    (cls, example)
    for cls in catalogue().values()
    if cls.source in INPUTS and INPUTS[cls.source].patient_fields
    for example in cls.examples()
    if example.fires
]


def _lists(example: Example) -> Lists:
    """The story's lists as they are read from files; watched patients stand there in clear text too."""
    read = {}
    for name, listed in example.lists.by_name.items():
        clear = [marked(Emitted("ehr", 0.0, "", orjson.dumps({"patient": r["patient"]}), None), "{}") | {"mrn": ""}
                 for r in listed.distinct if "patient" in r]  # fmt: skip
        read[name] = indexed(name, clear or listed.distinct, PSEUDONYMISER.of)
    return Lists(read, example.lists.devices)


@pytest.mark.parametrize(("cls", "example"), TOLD, ids=[f"{c.id}: {e.name}" for c, e in TOLD])
def test_no_alert_knows_a_patient(cls: type[Detector], example: Example) -> None:
    config = EngineConfig(disabled=tuple(name for name in catalogue() if name != cls.id))
    line = Line(cls.source, Plan(config, _lists(example), PSEUDONYMISER, 0))
    documents = []
    for i, given in enumerate(example.documents):
        event = orjson.dumps({"format": "example", "event_id": str(i), **given})
        documents.append(orjson.dumps(with_copies_of_the_name(marked(Emitted(cls.source, 0.0, "", event, None), "{}"))))
    named = any(marks(d) for d in documents)
    product = line.process(documents, cls.source, 0, np.arange(len(documents), dtype=np.int64))
    assert not product.refused
    alerts = line.grouper.drain()
    given_on = [] if product.onward is None else [bytes(document) for document in product.onward.documents]
    assert alerts or not cls.tells or example.lists.by_name, "the story is told as it is with other names"
    for told in (*product.alerts, *alerts, *product.rows.to_pylist(), *given_on):
        assert not marks(told)
    if named and alerts and cls.entity_type == "patient":
        assert all(str(a.unmapped["entity"]).startswith(PREFIX) for a in alerts)
