"""What workers give on: whose key it has, what it takes along, and what is not worth a word."""

from typing import Any

import numpy as np
import orjson
import pytest

from pipeline.engine.engine import Engine, EngineConfig, Outcome
from pipeline.engine.origin import Origin
from pipeline.features.batch import Batch
from pipeline.features.decode import decode
from pipeline.runtime.clocks import clock_of
from pipeline.runtime.relay.contacts import GivenContacts
from pipeline.runtime.relay.logons import GivenLogons
from pipeline.runtime.relay.onward import Onward
from pipeline.runtime.relay.relay import group_name, onward, ticks

GROUPS = 8
BASE = {"ts": 1.7e9, "event_id": "e1", "format": "test"}


def outcome(source: str, *documents: dict[str, Any], scores: dict[str, Any] | None = None) -> Outcome:
    """Of documents as if detectors had scored them so."""
    batch = decode(source, [orjson.dumps(BASE | d) for d in documents], GROUPS).batch
    assert batch.n == len(documents)
    disabled = tuple(Engine(source, EngineConfig(GROUPS)).detectors)
    done = Engine(source, EngineConfig(GROUPS, disabled=disabled)).process(batch, Origin("t", 0, np.arange(batch.n)))
    return Outcome(batch, done.origin, {k: np.array(v, float) for k, v in (scores or {}).items()}, (), "m")


def given(source: str, *documents: dict[str, Any], scores: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """What is given on, checked against the groups its keys lie in."""
    found = onward(outcome(source, *documents, scores=scores), GROUPS)
    return [] if found is None else read(found)


def read(found: Onward) -> list[dict[str, Any]]:
    """Its documents, each of which the target can read and puts into the group that was said."""
    decoded = decode(found.source, found.documents, GROUPS)
    assert not decoded.refused
    assert decoded.batch.groups.tolist() == found.groups.tolist()
    assert [decoded.batch.key(i).encode() for i in range(decoded.batch.n)] == list(found.keys)
    return [orjson.loads(decoded.batch.document(i)) for i in range(decoded.batch.n)]


def test_an_access_goes_to_its_patient_with_what_was_thought_of_it() -> None:
    access = {"kind": "access", "user": "u1", "patient": 'p"1', "action": "read"}
    scores = {"ehr.hour_rhythm": [0.9, np.nan], "ehr.dormant_account": [0.1, 0.3], "ehr.shared_account": [0.1, 0.6]}
    first, second = given("ehr", access, access | {"patient": "p2"}, scores=scores)
    assert first == BASE | access | {"chart": 'p"1', "sign_hours": 0.9}
    assert second["chart"] == "p2" and second["sign_account"] == 0.6 and "sign_hours" not in second


def test_an_access_without_a_patient_or_success_stays() -> None:
    access = {"kind": "access", "user": "u1"}
    assert given("ehr", access, access | {"patient": "p1", "outcome": "failure"}) == []


def test_ours_count_above_what_a_producer_sends() -> None:
    sent = {"chart": "p9", "reason": "care_team", "strength": 1.0, "is_self": True, "sign_hours": 0.1}
    (found,) = given("ehr", {"kind": "access", "user": "u1", "patient": "p1", **sent})
    assert found == BASE | {"kind": "access", "user": "u1", "patient": "p1", "chart": "p1"}


def test_staff_are_told_to_every_group_and_care_to_its_own() -> None:
    person = {"kind": "practitioner", "practitioner": "u1", "patient": "p7"}
    visit = {"kind": "encounter", "patient": "p1", "practitioner": "u1"}
    found = given("context", person, visit, {"kind": "encounter", "practitioner": "u1"})
    assert [d["chart"] for d in found] == ["p1", *(group_name(g, GROUPS) for g in range(GROUPS))]


def test_a_claim_takes_its_procedures_along_and_may_have_a_member_only() -> None:
    lines = [{"procedure": "99213", "amount": 3.0}, {"amount": 1.0}, {"procedure": "80053"}]
    first, second = given(
        "claims",
        {"kind": "claim", "provider": "n1", "patient": "p1", "member_id": "m1", "lines": lines},
        {"kind": "benefit", "provider": "n1", "member_id": "m2"},
    )
    assert (first["chart"], first["procedures"]) == ("p1", ["99213", "80053"])
    assert (second["chart"], second["procedures"]) == ("m2", [])


@pytest.mark.parametrize(
    ("fields", "worth"),
    [
        ({"reason": "care_team", "strength": 0.95}, False),
        ({"reason": "none", "strength": 0.0}, True),
        ({"reason": "colleague", "strength": 0.6}, True),
        ({"reason": "care_team", "strength": 0.95, "same_family": True}, True),
        ({"reason": "care_team", "strength": 0.95, "same_family": False}, False),
        ({"reason": "care_team", "strength": 0.95, "break_glass": True}, True),
        ({"reason": "care_team", "strength": 0.95, "sign_hours": 0.6}, True),
        ({"reason": "care_team", "strength": 0.95, "sign_hours": 0.4}, False),
        ({"reason": "care_team", "strength": 0.95, "deceased_days": 3.0}, True),
    ],
)
def test_only_what_is_worth_a_word_goes_to_the_user(fields: dict[str, Any], worth: bool) -> None:
    access = {"kind": "access", "user": "u1", "patient": "p1", "chart": "p1", "judged_ts": 1.7e9} | fields
    assert len(given("charts", access)) == worth


def test_every_claim_goes_to_its_provider_and_care_to_nobody() -> None:
    claim = {"kind": "claim", "provider": "n1", "chart": "p1"}
    found = given("charts", claim, {"kind": "encounter", "chart": "p1"}, {"kind": "claim", "chart": "p1"})
    assert [(d["kind"], d["provider"]) for d in found] == [("claim", "n1"), ("billing", "n1")]


def test_claims_of_a_kind_come_together_in_short() -> None:
    what = {"claim_id": "c1", "patient": "p1", "from_ts": 1.6e9, "procedures": ["99213"], "total_amount": 12.5}
    what |= {"encounter_days": 0.0, "chart_days": 1.0, "encounter_coverage": 0.9, "chart_coverage": 0.8}
    kinds = [{"claim_type": "professional"}, {"claim_type": "professional"}, {"claim_type": "oral"}, {}]
    rows = [what | c | {"kind": "claim", "provider": f"n{i}", "chart": f"p{i}", "facility": "f1"}
            for i, c in enumerate(kinds)]  # fmt: skip
    found = [d for d in given("charts", *rows, rows[0] | {"kind": "benefit"}) if d["kind"] == "billing"]
    assert [(d["peers"], d["provider"]) for d in found] == [
        ("professional", "n0"), ("professional", "n1"), ("other", "n2"), ("other", "n3"),
    ]  # fmt: skip
    assert found[0] == BASE | what | {
        "kind": "billing", "peers": "professional", "provider": "n0", "event_id": "e1:peers",
    }  # fmt: skip
    (long,) = [d for d in given("charts", rows[0] | {"event_id": "x" * 64}) if d["kind"] == "billing"]
    assert len(long["event_id"]) == 64


@pytest.mark.parametrize("target", ["charts", "judged"])
def test_ticks_reach_the_groups_that_are_meant(target: str) -> None:
    found = read(ticks(target, "ehr/2", 4, 1.7e9 + 0.1234567, 7.25, [1, 6], GROUPS))
    assert [(d["lane"], d["lanes"], d["ts"], d["idle_s"]) for d in found] == [("ehr/2", 4, 1700000000.123457, 7.2)] * 2


def test_a_wrong_clock_does_not_move_a_chunk() -> None:
    assert clock_of(np.array([10.0, 30.0, 20.0])) == 30.0
    assert clock_of(np.array([10.0, 30.0, 4.1e9])) == 30.0


def test_a_logon_goes_to_its_account_in_short_and_once_in_a_while() -> None:
    base = {"kind": "auth", "host": "ws-1", "action": "logon", "outcome": "success", "logon_type": 2, "message": "long"}
    other = BASE | base | {"user": "nurse1", "host": 'ws-"2"', "src_ip": "203.0.113.7", "event_id": "e2"}
    quiet = [base | {"user": name} for name in ("ws-1$", "SYSTEM", "")]
    raw = [orjson.dumps(BASE | d) for d in (base | {"user": "HOSP\\Nurse1"}, other, *quiet)]
    batch = decode("logs", raw, GROUPS).batch
    along = GivenLogons(GROUPS)
    found = onward(logged(batch), GROUPS, along.take(logged(batch)))
    assert found is not None
    first, second = read(found)
    del base["message"]
    assert first == BASE | base | {"user": "HOSP\\Nurse1", "account": "nurse1", "host_users": 1}
    del other["message"]
    assert second == other | {"account": "nurse1", "host_users": 1, "network_users": 1}
    again = decode("logs", [orjson.dumps(orjson.loads(d) | {"event_id": "e9"}) for d in raw], GROUPS).batch
    assert along.take(logged(again)) == {}


def test_a_new_account_knows_who_made_it() -> None:
    made = {"kind": "auth", "host": "dc-1", "action": "account_created", "outcome": "success", "user": "Admin1"}
    times = ((1.7e9, "new1"), (1.7e9 + 5000, "new2"))
    raw = [orjson.dumps(BASE | made | {"ts": ts, "target_user": name}) for ts, name in times]
    batch = decode("logs", raw, GROUPS).batch
    found = onward(logged(batch), GROUPS, GivenLogons(GROUPS).take(logged(batch)))
    assert found is not None
    assert [(d["account"], d["maker_s"], d["maker_made"]) for d in read(found)] == [("new1", 0, 0), ("new2", 5000, 1)]


def logged(batch: Batch) -> Outcome:
    """As if no detector had seen it."""
    return Outcome(batch, Origin("t", 0, np.arange(batch.n)), {}, (), "m")


def test_a_contact_goes_to_its_destination_once_a_day_or_in_a_rhythm() -> None:
    flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_port": 443, "bytes_out": 310, "bytes_in": 120}
    away = [flow | {"ts": 1.7e9 + 60.0 * i, "event_id": f"a{i}", "dst_ip": "203.0.113.9"} for i in range(40)]
    near = [flow | {"ts": 1.7e9 + 60.0 * i, "event_id": f"b{i}", "dst_ip": "10.0.0.5"} for i in range(3)]
    batch = decode("network", [orjson.dumps(BASE | d) for d in (*away, *near)], GROUPS).batch
    others = tuple(name for name in Engine("network", EngineConfig(GROUPS)).detectors if name != "network.rhythm")
    done = Engine("network", EngineConfig(GROUPS, disabled=others)).process(batch, Origin("t", 0, np.arange(batch.n)))
    assert done.hits and not any(h.told for h in done.hits)
    found = onward(done, GROUPS, GivenContacts(GROUPS).take(done))
    assert found is not None
    documents = read(found)
    assert [d["destination"] for d in documents if "rhythm" not in d] == ["203.0.113.9", "10.0.0.5 443"]
    beats = [d for d in documents if "rhythm" in d]
    assert 1 <= len(beats) <= 40 / 5 and all(d["rhythm"] >= 0.5 and d["interval_s"] == 60 for d in beats)


def test_a_rhythm_bears_the_name_under_which_its_address_was_greeted() -> None:
    ends = {"src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "dst_port": 443, "proto": "tcp"}
    flow = ends | {"kind": "flow", "bytes_out": 310, "bytes_in": 120}
    beats = [flow | {"ts": 1.7e9 + 60.0 * i, "event_id": f"a{i}"} for i in range(60)]
    tls = ends | {"kind": "tls", "event_id": "t"}
    long = tls | {"ts": 1.7e9 + 61.0, "sni": "a" * 70 + ".example"}
    late = tls | {"ts": 1.7e9 + 1510.0, "sni": 'chat"7.example'}
    other = late | {"src_ip": "10.0.0.8", "sni": "other.example"}
    documents = [orjson.dumps(BASE | d) for d in (*beats[:2], long, *beats[2:26], late, other, *beats[26:])]
    others = tuple(name for name in Engine("network", EngineConfig(GROUPS)).detectors if name != "network.rhythm")

    def hosts(cut: int) -> list[tuple[float, str | None]]:
        engine, contacts, found = Engine("network", EngineConfig(GROUPS, disabled=others)), GivenContacts(GROUPS), []
        for part in (documents[:cut], documents[cut:]):
            if part:
                batch = decode("network", part, GROUPS).batch
                done = engine.process(batch, Origin("t", 0, np.arange(batch.n)))
                told = onward(done, GROUPS, contacts.take(done))
                found += read(told) if told else []
                saved = [contacts.state(group) for group in range(GROUPS)]
                contacts = GivenContacts(GROUPS)
                for group, state in enumerate(saved):
                    contacts.load(group, state)
        assert {d["destination"] for d in found} == {"203.0.113.9"}
        return [(d["ts"], d.get("host")) for d in found if "rhythm" in d]

    whole = hosts(len(documents))
    assert {host for ts, host in whole if ts < 1.7e9 + 1510.0} == {None}
    assert {host for ts, host in whole if ts > 1.7e9 + 1510.0} == {'chat"7.example'}
    assert hosts(20) == hosts(30) == whole


def test_who_bears_a_member_number_goes_to_the_number() -> None:
    claim = {"kind": "claim", "chart": "p1", "patient": "p1", "member_id": "m1", "claim_type": "professional"}
    person = {"kind": "patient", "chart": "p2", "patient": "p2", "family_token": "f", "address_token": "a"}
    found = given("charts", claim, person | {"member_id": "m1"}, person, {"kind": "tick", "chart": "~1"})
    home = {"family_token": "f", "address_token": "a"}
    own = BASE | {"event_id": "e1:member", "kind": "member", "member_id": "m1"}
    assert found == [own | {"patient": "p1", "billed": True}, own | {"patient": "p2", "billed": False} | home]
