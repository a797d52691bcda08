"""What belongs together, and what only looks so: shared places, busy servers, services that many use."""

import pytest
from detectors.techniques import told

from incidents.notes import correlator, finding, grouped, link
from pipeline.incidents.asset import Asset
from pipeline.incidents.names import name_of, names_of
from pipeline.incidents.options import IncidentOptions
from pipeline.incidents.tactics import ORDER, tactic_of


def test_a_shared_station_joins_nobody() -> None:
    c = correlator()
    for i in range(6):
        c.take(link(f"u{i}", "ws-ward", 0.1 * i))
        c.take(finding(f"a{i}", "logs.impossible_travel", 0.1 * i, 3, attacks=["T1078"], user=f"u{i}"))
    c.take(finding("m", "logs.persistence", 1.0, attacks=["T1547.001"], host="ws-ward"))
    assert grouped(c) == {frozenset([f"a{i}"]) for i in range(6)} | {frozenset("m")}


def test_a_desk_of_its_own_joins_its_user() -> None:
    c = correlator()
    c.take(finding("a", "logs.impossible_travel", 0.0, 3, attacks=["T1078"], user="u1"))
    c.take(finding("m", "logs.persistence", 1.0, attacks=["T1547.001"], host="ws-1"))
    assert len(grouped(c)) == 2
    c.take(link("u1", "ws-1", 0.5))
    assert grouped(c) == {frozenset("am")}
    c.take(finding("n", "logs.persistence", 60.0, attacks=["T1547.001"], host="ws-1"))
    assert grouped(c) == {frozenset("am"), frozenset("n")}


def test_two_people_are_not_joined_by_the_machine_they_share() -> None:
    c = correlator()
    for i in range(2):
        c.take(link(f"u{i}", "ws-1", 0.1))
        c.take(finding(f"a{i}", "ehr.family", 0.2, 3, attacks=["T1213"], user=f"u{i}", workstation="ws-1"))
    assert len(grouped(c)) == 2


def test_what_a_server_meets_from_everywhere_joins_nobody() -> None:
    c = correlator()
    c.take(finding("s", "logs.credential_dumping", 2.0, 5, attacks=["T1003.006"], host="dc1"))
    for i in range(6):
        c.take(finding(f"a{i}", "network.pass_the_hash", i / 10, src_ip=f"10.1.{i}.1", dst_ip="10.9.9.9"))
    c.take(link("dc1", "10.9.9.9", 0.0, via="address", kinds=("host", "ip")))
    assert grouped(c) == {frozenset([f"a{i}"]) for i in range(6)} | {frozenset("s")}


def test_a_machine_taken_over_that_acts_itself_belongs_to_its_intruder() -> None:
    c = correlator()
    c.take(finding("a", "network.lateral_movement", 0.0, src_ip="10.1.1.1", dst_ip=["10.1.2.1", "10.1.3.1"]))
    c.take(finding("b", "network.beaconing", 2.0, attacks=["T1071"], src_ip="10.1.2.1"))
    c.take(finding("c", "network.beaconing", 20.0, attacks=["T1071"], src_ip="10.1.3.1"))
    c.take(finding("d", "network.port_scan", 0.0, 3, attacks=["T1046"], src_ip="10.1.4.1", dst_ip="10.1.5.1"))
    c.take(finding("e", "network.beaconing", 1.0, attacks=["T1071"], src_ip="10.1.5.1"))
    assert grouped(c) == {frozenset("ab"), frozenset("c"), frozenset("d"), frozenset("e")}


def test_the_inventorys_servers_are_not_followed() -> None:
    notes = [
        finding("a", "network.lateral_movement", 0.0, src_ip="10.1.1.1", dst_ip="10.1.2.1"),
        finding("b", "network.beaconing", 2.0, attacks=["T1071"], src_ip="10.1.2.1"),
    ]
    plain, listed = correlator(), correlator(assets={"10.1.2.1": Asset(4, device_class="server")})
    for note in notes:
        plain.take(note)
        listed.take(note)
    assert (len(grouped(plain)), len(grouped(listed))) == (1, 2)


def test_few_who_meet_the_same_place_outside_are_one_and_many_are_a_service() -> None:
    c = correlator()
    for i in range(3):
        c.take(finding(f"a{i}", "network.beaconing", i, attacks=["T1071"], src_ip=f"10.1.{i}.1", dst_ip="198.51.100.7"))
    assert grouped(c) == {frozenset(["a0", "a1", "a2"])}
    for i in range(3, 9):
        c.take(finding(f"a{i}", "network.beaconing", i, attacks=["T1071"], src_ip=f"10.1.{i}.1", dst_ip="198.51.100.7"))
    c.take(finding("own", "network.ransomware", 1.0, 5, attacks=["T1486"], src_ip="10.1.0.1"))
    assert grouped(c) == {frozenset(f"a{i}" for i in range(9)), frozenset(["own"])}


def test_neighbours_hit_at_once_are_one() -> None:
    c = correlator()
    for i in range(5):
        c.take(finding(f"a{i}", "devices.silent", 0.01 * i, attacks=["T1489"], src_ip=f"10.4.1.{i}"))
    c.take(finding("later", "devices.silent", 1.0, attacks=["T1489"], src_ip="10.4.1.77"))
    c.take(finding("else", "devices.silent", 0.0, attacks=["T1489"], src_ip="10.4.2.7"))
    assert grouped(c) == {frozenset(f"a{i}" for i in range(5)), frozenset(["later"]), frozenset(["else"])}


def test_accounts_that_every_machine_has_join_nothing() -> None:
    c = correlator()
    for user in ("root", "SYSTEM", "ws-9$"):
        c.take(finding(f"1{user}", "logs.persistence", 0.0, attacks=["T1543.003"], host="h1", user=user))
        c.take(finding(f"2{user}", "logs.persistence", 0.0, attacks=["T1543.003"], host="h2", user=user))
    assert len(grouped(c)) == 2


def test_what_a_full_incident_kept_out_joins_its_parts_when_it_falls_apart() -> None:
    c = correlator(IncidentOptions(max_group=2))
    c.take(
        finding(
            "a",
            "logs.persistence",
            9.0,
            4,
            4,
            score=0.5,
            host="ws-3",
            user=["u1", "u0"],
            src_ip="10.1.1.5",
            until_h=12.0,
        )
    )
    c.take(finding("b", "logs.remote_execution", 11.25, score=0.5, host="ws-1", user=["u0", "u1"], src_ip="10.1.1.3"))
    c.take(finding("c", "logs.impossible_travel", 6.75, 3, user="u1", workstation="ws-1", src_ip="10.1.1.5"))
    c.take(finding("d", "logs.persistence", 14.25, score=0.5, host="ws-5", user=["u2", "u1"]))
    assert grouped(c) == {frozenset("ac"), frozenset("b"), frozenset("d")}
    # A fourth machine: u1 is nobody's other name any more. `a` lets go of `c`, which goes to `b`, looked at next.
    c.take(finding("e", "logs.remote_execution", 0.75, score=0.5, host="ws-2", user=["u1", "u2"], src_ip="10.1.1.0"))
    assert grouped(c) == {frozenset("a"), frozenset("bc"), frozenset("d"), frozenset("e")}


def test_the_accounts_that_are_guessed_are_not_who_guesses() -> None:
    n = names_of(
        finding("a", "logs.auth_brute_force", 0.0, attacks=["T1110.001"], src_ip="10.1.1.1", host="SRV1.x", user="bob")
    )
    assert n.subject == ("ip", "10.1.1.1")
    assert n.own == ()
    assert set(n.reached) == {("host", "srv1"), ("user", "bob")}
    flooded = names_of(finding("b", "network.flood", 0.0, entity_field="dst_ip", src_ip="10.1.1.1", dst_ip="10.1.1.9"))
    assert (flooded.subject, flooded.origins, flooded.acted) == (("ip", "10.1.1.9"), (("ip", "10.1.1.1"),), False)


@pytest.mark.parametrize(
    ("technique", "tactic"),
    [
        ("T1566.001", "Initial Access"), ("T1059.001", "Execution"), ("T1003.006", "Credential Access"),
        ("T1021.002", "Lateral Movement"), ("T1071.004", "Command and Control"), ("T1048.003", "Exfiltration"),
        ("T1490", "Impact"), ("T0846", "Discovery"), ("nonsense", ""),
    ],
)  # fmt: skip
def test_techniques_have_their_tactic(technique: str, tactic: str) -> None:
    assert tactic_of(technique) == tactic
    assert tactic in ORDER


def test_every_technique_that_is_told_has_a_tactic() -> None:
    assert not {technique for technique in told() if not tactic_of(technique)}


def test_a_name_of_nothing_but_dots_is_still_a_name() -> None:
    assert name_of("host", "../../../etc/passwd") == ("host", "../../../etc/passwd")
    assert name_of("host", ".") == ("host", ".") and name_of("device", ".") == ("device", ".")
    assert name_of("host", "srv-1.ward.example") == ("host", "srv-1")
