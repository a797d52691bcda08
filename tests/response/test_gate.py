"""The clinical-safety gate: for every action and every machine that can be thought of."""

import asyncio
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.response.briefing import brief_of
from pipeline.response.gate import Gate
from pipeline.response.kinds import KINDS, PARTY_TYPES
from pipeline.response.options import ResponseOptions
from pipeline.response.playbook_set import shipped_playbooks
from response.stage import Clock, Log, answered, incident, party, responder, steps, word
from schemas.incident import PERSONAL, IncidentKind, Party

LIFE = (
    "infusion_pump", "patient_monitor", "ventilator", "medical", "Infusion Pump B", "Anaesthesia machine", "dialysis",
    "defibrillator", "Telemetry", "syringe driver",
)  # fmt: skip
CARE = (
    "pacs",
    "clinical_server",
    "lab_analyzer",
    "imaging",
    "ecg",
    "EHR server",
    "RIS",
    "interface engine",
    "CT scanner",
)
OFFICE = ("workstation", "printer", "camera", "phone", "server", "building_automation", "network", "", "unknown")
MACHINES = ("host", "ip", "mac", "device")
VALUES = {"host": "m-1", "ip": "10.1.2.3", "mac": "00:11:22:33:44:55", "device": "m-1"}

machines = st.builds(
    lambda kind, role, crit, life, cls, name: party(
        kind, VALUES[kind], role, criticality=crit, life_support=life, device_class=cls, name=name
    ),
    st.sampled_from(MACHINES), st.sampled_from(("subject", "linked", "touched")), st.integers(1, 5), st.booleans(),
    st.sampled_from(LIFE + CARE + OFFICE), st.sampled_from(("", "one")),
)  # fmt: skip
others = st.lists(
    st.builds(
        lambda kind, value, role, cls, life, name: party(
            kind, value, role, device_class=cls, life_support=life, name=name
        ),
        st.sampled_from(MACHINES), st.sampled_from(("10.1.2.9", "10.9.9.9", "m-2")),
        st.sampled_from(("linked", "touched")), st.sampled_from(LIFE + CARE + OFFICE), st.booleans(),
        st.sampled_from(("", "one", "two")),
    ),
    max_size=3,
)  # fmt: skip
options = st.builds(
    lambda step, nets: ResponseOptions(life_support_step=step, clinical_networks=nets),
    st.sampled_from(("watch_closely", "segment_host")), st.sampled_from(((), ("10.1.0.0/16",))),
)  # fmt: skip
HARM = {"watch_closely": 0, "segment_host": 1, "isolate_host": 2, "block_address": 2}


@given(st.sampled_from(sorted(KINDS)), machines, others, options)
def test_no_machine_of_care_is_ever_cut_off(action: str, one: Party, more: list[Party], how: ResponseOptions) -> None:
    brief = brief_of(incident("intrusion", party("user", "u1"), one, *more), 1.0)
    chosen = Gate(how).choose(action, one, brief)
    asked = KINDS[action]
    if one.life_support or one.device_class in LIFE:
        assert chosen.action not in ("isolate_host", "block_address", "snapshot")
        assert chosen.action != "segment_host" or how.life_support_step == "segment_host"
    if one.criticality == 5 or one.device_class in CARE:
        assert chosen.action not in ("isolate_host", "block_address")
    if chosen.action != action:
        assert chosen.why and one.value in chosen.why
        assert HARM.get(chosen.action, 0) < HARM.get(action, 3)
        assert asked.cuts or action == "snapshot"
        assert Gate(how).forbids(action, one, brief)
    else:
        assert not Gate(how).forbids(action, one, brief)
    if asked.cuts and (one.life_support or one.device_class in LIFE):
        assert chosen.alert_biomed
    # The gate is content with what it chose itself.
    if chosen.action:
        assert Gate(how).choose(chosen.action, one, brief).action == chosen.action


@given(st.sampled_from(sorted(KINDS)), st.sampled_from((*MACHINES, "user", "provider", "patient", "domain")))
def test_people_need_two(action: str, kind: str) -> None:
    needed = Gate.approvals(action, kind)
    assert needed == (2 if kind in PERSONAL and not KINDS[action].tells else 0)


def test_nothing_is_ever_done_to_a_patient() -> None:
    assert all("patient" not in types for types in PARTY_TYPES.values())


VENT = party("mac", "x", "linked", name="v 3", life_support=True)
PUMP = {"role": "touched", "device_class": "infusion_pump"}
CLINICAL = ("10.1.0.0/16",)


@pytest.mark.parametrize(
    ("one", "more", "networks", "chosen"),
    [
        (party("host", "ws-1", device_class="workstation"), (), (), "isolate_host"),
        (party("ip", "10.1.2.3"), (), (), "isolate_host"),
        (party("ip", "10.1.2.3"), (), CLINICAL, "watch_closely"),
        (party("ip", "10.1.2.3", device_class="workstation"), (), CLINICAL, "isolate_host"),
        # nobody knows it, and a pump stands beside it
        (party("ip", "10.1.2.3"), (party("ip", "10.1.2.77", **PUMP),), (), "watch_closely"),
        (party("ip", "10.1.2.3"), (party("ip", "10.7.7.7", **PUMP),), (), "isolate_host"),
        # the same machine under another name
        (party("host", "m", name="v 3"), (VENT,), (), "watch_closely"),
        # a name that nobody knows, linked with an address in a clinical network
        (party("host", "m"), (party("ip", "10.1.2.3", "linked"),), CLINICAL, "watch_closely"),
        (party("host", "srv", criticality=5), (), (), "segment_host"),
        (party("host", "srv", device_class="pacs"), (), (), "segment_host"),
    ],
)  # fmt: skip
def test_the_careful_choice(one: Party, more: tuple[Party, ...], networks: tuple[str, ...], chosen: str) -> None:
    brief = brief_of(incident("intrusion", one, *more), 1.0)
    gate = Gate(ResponseOptions(clinical_networks=networks))
    assert gate.choose("isolate_host", one, brief).action == chosen


def test_an_address_on_the_internet_is_no_machine_of_ours() -> None:
    pump = party("device", "pump-1", device_class="infusion_pump", life_support=True)
    outside = party("ip", "203.0.113.9", "touched")
    brief = brief_of(incident("device", pump, outside), 1.0)
    assert Gate(ResponseOptions()).choose("block_address", outside, brief).action == "block_address"


def live(**more: Any) -> dict[str, Any]:
    quiet = {"kind": "command", "argv": ["/bin/true"], "undo_argv": ["/bin/true"]}
    kinds = ("isolate_host", "segment_host", "watch_closely", "alert_biomed", "notify")
    return {"dry_run": False, "connectors": {"x": quiet}, "actions": dict.fromkeys(kinds, ("x",))} | more


async def test_the_record_says_why_and_biomedical_engineering_is_told() -> None:
    log = Log()
    who = responder(live(), [steps({"do": "isolate_host", "to": ["device"]})], log, Clock())
    await answered(who, incident("ransomware", party("device", "vent-3", device_class="ventilator")))
    assert not log.latest("isolate_host")
    assert "instead of isolate host: vent-3 is a ventilator" in log.one("watch_closely").why
    assert log.one("watch_closely").state == "done" and log.one("alert_biomed").state == "done"


async def test_what_becomes_known_while_an_action_waits_still_counts() -> None:
    log = Log()
    playbook = steps({"do": "isolate_host", "to": ["host"], "approvals": 1})
    who = responder(live(roles={"soc": ["*"]}), [playbook], log, Clock())
    await answered(who, incident("ransomware", party("host", "m-1")))
    assert log.one("isolate_host").state == "waiting"
    await answered(who, incident("ransomware", party("host", "m-1", life_support=True), revision=2))
    await who.decide(word(log.one("isolate_host").action_id, "anna"))
    await who.settle()
    assert log.one("isolate_host").state == "skipped" and "a life may depend" in log.one("isolate_host").why


def test_every_shipped_playbook_against_every_machine_in_dry_run() -> None:
    async def run() -> None:
        for kind in get_args(IncidentKind):
            log = Log()
            who = responder({}, list(shipped_playbooks()), log, Clock())
            for i, cls in enumerate((*LIFE, *CARE)):
                await answered(who, incident(kind, party("ip", f"10.1.2.{i}", device_class=cls), name=f"i{i}"))
            assert log.records and not log.latest("isolate_host")
            assert {d.state for d in log.latest()} <= {"dry_run", "done", "skipped"}

    asyncio.run(run())
