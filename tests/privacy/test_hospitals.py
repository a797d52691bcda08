"""Whatever hospital it is: what a scan tells knows no patient, only pseudonyms."""

import csv
import logging
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.features.pseudonyms import PREFIX
from pipeline.runtime.line import Plan
from pipeline.settings import Settings
from pipeline.simulator import Hospital
from privacy.marked import MARK, Told, marked, marks, scan, with_copies_of_the_name
from schemas.sources import SOURCES

SPAN_S, RATE, CHARTS = 6 * 3600, 0.15, ("ehr", "claims", "context")
hospitals = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10_000),
        "staff": st.integers(120, 250),
        "patients": st.integers(100, 400),
        "start_ts": st.sampled_from((1.79e9, 1.79e9 + 12 * 3600)),
    }
)
# How a hospital writes its identifiers: plain, with a name, as a reference, with what JSON or SQL would trip over.
forms = st.sampled_from(("{}", "{}^Meier, Änne", "Patient/{}", "{}'\"\\<%s", " {} ", "病 {}"))
# What producers get wrong: the record is refused, and must not be told either.
WRONG = (("ts", "noon"), ("outcome", 7), ("birth_year", "long ago"), ("kind", "nothing"), ("total_amount", []))


def _documents(hospital: Hospital, form: str) -> list[tuple[str, bytes]]:
    """Accesses, care and claims, some of them broken."""
    found = []
    for n, event in enumerate(hospital.events(SPAN_S)):
        document = with_copies_of_the_name(marked(event, form))
        wrong, value = WRONG[n % len(WRONG)]
        if n % 23 == 0:
            document |= {wrong: value}
        text = orjson.dumps(document)
        found.append((event.source, text[: len(text) * 2 // 3] if n % 97 == 5 else text))
    return found


def _watched(folder: Path, documents: list[tuple[str, bytes]]) -> Path:
    """A list of patients to watch, in clear text: everyone whose chart was opened early on."""
    names = [orjson.loads(d).get("patient", "") for s, d in documents if s == "ehr" and d.endswith(b"}")]
    path = folder / "vip.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("patient", "reason"), *((name, "known") for name in names[:20])])
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("privacy")


# Not shrunk: each hospital takes a second or two, and the first that fails says enough.
@settings(max_examples=4, phases=(Phase.generate,), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=hospitals, form=forms)
def test_nothing_told_names_a_patient(
    folder: Path, caplog: pytest.LogCaptureFixture, size: dict[str, float], form: str
) -> None:
    hospital = Hospital(**size, devices=10, events_per_s=RATE, sources=CHARTS)  # type: ignore[arg-type]
    documents = _documents(hospital, form)
    caplog.clear()
    with caplog.at_level(logging.DEBUG, "pipeline"):
        plan = Plan.of(Settings(data_dir=folder, lists={"vip": _watched(folder, documents)}), make_keys=True)
        told = scan(plan, documents)
    _holds(told, caplog)
    scored = {s for name, t in told.tables if name == "scored_events" for s in t["source"].to_pylist()}
    assert scored == {*CHARTS, "charts", "judged"}, "what we make of them is looked at too"
    assert {a.unmapped["source"] for a in told.alerts} & {"charts", "judged"}, "nothing was told at all"
    assert any(PREFIX in a.to_json().decode() for a in told.alerts), "pseudonyms are told"
    assert len(told.letters) > len(documents) // 50, "nothing was broken"


def _holds(told: Told, caplog: pytest.LogCaptureFixture) -> None:
    for piece in told.everything():
        assert not marks(piece)
    assert not marks(caplog.text)


def test_the_mark_would_be_seen(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The control: with identifiers in plain, alerts, letters and rows are full of it."""
    hospital = Hospital(seed=3, start_ts=1.79e9, staff=120, patients=100, devices=10, events_per_s=RATE, sources=CHARTS)
    documents = _documents(hospital, "{}")
    lists = {"vip": _watched(folder, documents)}
    told = scan(Plan.of(Settings(data_dir=folder, lists=lists, identifiers="plain"), make_keys=True), documents)
    for pieces in (told.alerts, told.letters, [t.to_pylist() for _, t in told.tables]):
        assert any(marks(piece) for piece in pieces)
    assert MARK.isalpha() and all(SOURCES[s].patient_fields for s in CHARTS)
