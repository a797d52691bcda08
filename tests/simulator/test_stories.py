"""Stories and their truth: each plays alone, its entities are in its events, no event tells of it."""

from collections import defaultdict
from pathlib import Path

import orjson
import pytest

from pipeline.errors import UsageError
from pipeline.simulator import Emitted, Hospital, StoryLabel, write_labels
from pipeline.simulator.playbill import confounder_kinds, story_kinds
from pipeline.simulator.stories.story import DIFFICULTIES
from schemas.sources import INPUTS

START = 1_753_693_200.0
SMALL = {"staff": 120, "patients": 400, "devices": 40}
WANTED = {
    "ransomware", "phishing_lateral", "snooping", "mass_export", "break_glass_abuse", "slow_harvest", "brute_force",
    "brute_force_services", "password_spray", "beaconing", "beaconing_dns", "beaconing_internal", "dns_tunnel", "dga",
    "exfiltration", "exfiltration_slow", "ping_sweep", "port_scan", "slow_scan", "flood", "tls_oddity",
    "reverse_tunnel", "lateral_movement", "pass_the_hash", "ntlm_relay", "kerberoasting", "arp_spoofing", "rogue_dhcp",
    "rogue_device", "device_compromise", "device_new_peer", "device_scan", "device_remote_access", "device_silent",
    "mass_dicom", "sensor_alarm", "account_misuse", "rogue_admin", "host_intrusion", "web_attack", "log_storm",
    "billing_fraud", "identity_theft", "account_takeover", "member_sharing", "chart_dormant", "chart_night",
    "chart_takeover", "shared_account", "role_misuse", "snooping_vip", "snooping_coworker", "snooping_family",
    "snooping_neighbour", "snooping_self", "snooping_deceased", "claim_duplicates", "impossible_day", "upcoding",
    "unbundling", "phantom_billing", "deceased_billing", "excluded_billing", "doctor_shopping", "referral_ring",
    "stalking",
}  # fmt: skip


def run(seconds: float, rate: float, stories: list[str] | None) -> tuple[list[Emitted], list[StoryLabel]]:
    """Events and labels of a small hospital."""
    hospital = Hospital(start_ts=START, events_per_s=rate, stories=stories, **SMALL)
    return list(hospital.events(seconds)), hospital.labels()


@pytest.fixture(scope="module")
def short() -> tuple[list[Emitted], list[StoryLabel]]:
    """Ten minutes with every story."""
    return run(600, 100.0, None)


def by_story(events: list[Emitted]) -> dict[str, list[Emitted]]:
    """Labelled events by story id."""
    out: dict[str, list[Emitted]] = defaultdict(list)
    for event in events:
        if event.label is not None:
            out[event.label].append(event)
    return out


def test_short_span_holds_every_story(short: tuple[list[Emitted], list[StoryLabel]]) -> None:
    events, labels = short
    assert set(story_kinds()) == WANTED
    assert set(by_story(events)) == {f"{kind}-1" for kind in WANTED}
    assert {label.kind for label in labels} == WANTED | set(confounder_kinds())


def test_labels_tell_the_truth(short: tuple[list[Emitted], list[StoryLabel]]) -> None:
    events, labels = short
    played = by_story(events)
    for label in labels:
        if label.kind.startswith("benign:"):
            assert label.story not in played
            assert label.expected == ()
            continue
        own = played[label.story]
        assert (len(own), own[0].ts, own[-1].ts) == (label.events, label.first_ts, label.last_ts)
        assert START + 0.4 * 600 - 1 <= label.first_ts <= label.last_ts < START + 600


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_entities_occur_in_the_labelled_events(difficulty: str) -> None:
    events, labels = run(1200, 40.0, [f"{kind}:{difficulty}" for kind in sorted(WANTED)])
    played = by_story(events)
    for label in labels:
        if label.kind.startswith("benign:"):
            continue
        assert label.difficulty == difficulty
        text = b"\n".join(e.value for e in played[label.story]).decode()
        for values in label.entities.values():
            assert values
            assert [v for v in values if orjson.dumps(v).decode()[1:-1] not in text] == [], label.story


def test_nothing_in_an_event_tells_of_its_story(short: tuple[list[Emitted], list[StoryLabel]]) -> None:
    for event in short[0]:
        if event.label is not None:
            value = event.value.lower()
            assert not any(kind.encode() in value for kind in WANTED)
            assert b"label" not in value
            assert b'"story' not in value


def test_hostile_documents_have_forms_that_benign_ones_have(short: tuple[list[Emitted], list[StoryLabel]]) -> None:
    benign = {(e.source, orjson.loads(e.value)["format"]) for e in short[0] if e.label is None}
    hostile = {(e.source, orjson.loads(e.value)["format"]) for e in short[0] if e.label is not None}
    assert hostile <= benign


@pytest.mark.parametrize("kind", sorted(WANTED))
def test_each_story_can_play_alone(kind: str) -> None:
    # What shows in the records alone needs no wire.
    records = story_kinds()[kind].records
    sources = ("ehr", "context", "claims") if records else None
    hospital = Hospital(start_ts=START, events_per_s=2.0 if records else 20.0, stories=[kind], sources=sources, **SMALL)
    events, labels = list(hospital.events(600)), hospital.labels()
    assert {event.source for event in events} <= set(sources or INPUTS)
    assert set(by_story(events)) == {f"{kind}-1"}
    assert [label.kind for label in labels if not label.kind.startswith("benign:")] == [kind]


def test_no_story_at_all() -> None:
    events, labels = run(300, 50.0, [])
    assert by_story(events) == {}
    assert all(label.kind.startswith("benign:") for label in labels)


def test_a_story_may_play_twice_and_at_a_stated_time() -> None:
    hospital = Hospital(
        start_ts=START,
        events_per_s=30.0,
        stories=["port_scan:easy", "port_scan:hard"],
        story_start_s=100.0,
        **SMALL,
    )
    played = by_story(list(hospital.events(600)))
    assert set(played) == {"port_scan-1", "port_scan-2"}
    assert len(played["port_scan-1"]) > len(played["port_scan-2"])
    assert min(e.ts for own in played.values() for e in own) >= START + 100


@pytest.mark.parametrize("name", ["nothing", "ransomware:impossible"])
def test_unknown_story_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="choose from"):
        Hospital(start_ts=START, stories=[name])


def test_stories_that_begin_too_late_are_refused() -> None:
    with pytest.raises(UsageError, match="earlier start"):
        Hospital(start_ts=START, story_start_s=700.0, **SMALL).events(600)


def test_labels_file(tmp_path: Path, short: tuple[list[Emitted], list[StoryLabel]]) -> None:
    path = tmp_path / "labels.jsonl"
    write_labels(path, short[1])
    rows = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    assert [row["story"] for row in rows] == [label.story for label in short[1]]
    with pytest.raises(UsageError, match="writable"):
        write_labels(tmp_path / "missing" / "labels.jsonl", short[1])


def test_care_does_not_explain_what_a_snoop_opens(short: tuple[list[Emitted], list[StoryLabel]]) -> None:
    docs = [(e, orjson.loads(e.value)) for e in short[0]]
    told = {
        (doc["patient"], user)
        for event, doc in docs
        if event.source == "context" and "patient" in doc
        for user in doc.get("practitioners", [])
    }
    opened = {(d["patient"], d["user"]) for e, d in docs if e.label == "snooping-1" and e.source == "ehr"}
    assert opened
    assert not opened & told
