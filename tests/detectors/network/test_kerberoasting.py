"""Tickets in houses old and new: what a service's others ask for, and what nobody asks for."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pytest

from detectors.played import START, decoded, played
from pipeline.detectors.detector import Setup
from pipeline.detectors.network.kerberoasting import Kerberoasting
from pipeline.detectors.network.ticket_names import ACCOUNT, EITHER, MACHINE, NOTHING, kinds_of

RC4, AES = "rc4-hmac", "aes256-cts-hmac-sha1-96"
TICKET = {"kind": "auth", "request_type": "TGS", "outcome": "success", "src_ip": "10.0.0.9"}
HOUR_S, DAY_S = 3600.0, 86_400.0


def tickets(start: float, names: Iterable[str], cipher: str, step_s: float = 5.0, **more: Any) -> list[dict[str, Any]]:
    return [TICKET | {"ts": start + step_s * k, "target": n, "cipher": cipher} | more for k, n in enumerate(names)]


def house(cipher: str) -> list[dict[str, Any]]:
    """Three hours: 60 clients each ask for seven of ten services, the domain's ticket and those of machines."""
    out = []
    for client in range(60):
        names = ["krbtgt/HOSP", "cifs/file1", "PC7$"] + [f"http/app{(client + k) % 10}" for k in range(7)]
        out += tickets(START - 3 * HOUR_S + 170.0 * client, names, cipher, src_ip=f"10.0.1.{client}")
    return out


def highest(before: Sequence[dict[str, Any]], then: Sequence[dict[str, Any]]) -> float:
    """Of the scores of those events that come after the others."""
    return float(np.nanmax(np.nan_to_num(played(Kerberoasting, [*before, *then])[len(before) :])))


def services(n: int, host: str = "db") -> list[str]:
    return [f"MSSQLSvc/{host}{k}:1433" for k in range(n)]


def test_old_applications_keep_their_tickets() -> None:
    slowly = [e for k in range(48) for e in tickets(START + HOUR_S * k, [f"HTTP/app{k % 12}"], RC4)]
    again = tickets(START + 3 * DAY_S, [f"HTTP/app{k}" for k in range(12)], RC4, 1.0)
    assert highest([], slowly + again) < 0.5


def test_in_an_old_domain_a_weak_ticket_says_nothing() -> None:
    morning = tickets(START, [f"http/app{k}" for k in range(10)] + ["cifs/file1", "ldap/dc1"], RC4)
    assert highest(house(RC4), morning) < 0.3
    assert highest(house(RC4), tickets(START, services(30), RC4)) >= 0.5
    assert highest(house(RC4), tickets(START, services(9), RC4, 600.0)) >= 0.5


def test_weak_tickets_that_nobody_else_gets_are_told_early() -> None:
    downgraded = tickets(START, [f"http/app{k}" for k in range(7)], RC4)
    assert highest(house(AES), downgraded) >= 0.5 > highest(house(RC4), downgraded)
    assert highest(house(AES), tickets(START, [f"http/app{k}" for k in range(7)], AES)) < 0.3


def test_one_old_service_in_a_new_house_is_known_by_those_who_use_it() -> None:
    old = [e | {"cipher": RC4} if str(e["target"]) < "http/app6" else e for e in house(AES)]
    assert highest(old, tickets(START, [f"http/app{k}" for k in range(6)], RC4)) < 0.3


def test_the_domain_tells_how_old_it_is_before_services_do() -> None:
    logons = [
        e
        for client in range(60)
        for e in tickets(
            START - HOUR_S + 50.0 * client, ["krbtgt/HOSP"], RC4, src_ip=f"10.0.1.{client}", request_type="AS"
        )
    ]
    first = tickets(START, services(10), RC4)
    assert highest([], first) >= 0.5 > highest(logons, first)


def test_an_inventory_asks_for_machines_and_what_runs_on_them() -> None:
    names = [
        n for k in range(200) for n in ([f"wsman/pc{k}", f"MSSQLSvc/pc{k}:1433"] if k % 12 == 0 else [f"wsman/pc{k}"])
    ]
    assert highest(house(RC4), tickets(START, names, RC4, 0.5)) < 0.5
    assert highest(house(RC4), tickets(START, services(200), RC4, 0.5)) >= 0.5


@pytest.mark.parametrize("cipher", [RC4, AES])
def test_who_works_on_all_machines_by_powershell(cipher: str) -> None:
    assert highest(house(cipher), tickets(START, [f"HTTP/pc{k}" for k in range(90)], cipher, 1.0)) < 0.5
    mixed = [f"{'HTTP' if k % 3 == 0 else 'MSSQLSvc'}/db{k}" for k in range(20)]
    assert highest(house(cipher), tickets(START, mixed, cipher, 20.0)) >= 0.5


@pytest.mark.parametrize("cipher", [RC4, AES])
def test_what_a_monitor_asks_for_from_the_beginning_is_no_news(cipher: str) -> None:
    rounds = [e for k in range(12) for e in tickets(START - 3 * HOUR_S + 1800.0 * k, services(6), cipher, 0.2)]
    everything = sorted([*house(cipher), *rounds], key=lambda e: float(e["ts"]))
    assert highest([], everything) < 0.5


def test_names_of_machines_and_of_accounts() -> None:
    names = {
        "krbtgt/HOSP.EXAMPLE": MACHINE, "KRBTGT": MACHINE, "PC7$": MACHINE, "pc7$@HOSP": MACHINE, "CIFS/file1": MACHINE,
        "ldap/dc1.hosp.example/hosp.example": MACHINE, "HTTP/app": EITHER, "hosts/x": ACCOUNT, "svc-sql": ACCOUNT,
        "host": MACHINE, "hostile/x": ACCOUNT, "": NOTHING, "/": ACCOUNT, "MSSQLSvc/db$:1": ACCOUNT,
    }  # fmt: skip
    batch = decoded("network", tickets(START, names, AES))
    start, length = batch.spans("target")
    assert kinds_of(batch.data, start, length).tolist() == list(names.values())
    unnamed = decoded("network", [TICKET | {"ts": START}])
    assert kinds_of(unnamed.data, *unnamed.spans("target")).tolist() == [NOTHING]


def test_a_house_is_learned_alike_however_its_log_is_cut() -> None:
    events = [*house(RC4), *tickets(START, services(20), RC4), *tickets(START + 900.0, services(20, "x"), AES)]
    whole, cut = played(Kerberoasting, events), Kerberoasting(Setup(8))
    parts = [cut.score(decoded("network", events[k : k + 7])).values for k in range(0, len(events), 7)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
