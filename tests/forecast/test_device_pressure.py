"""Each factor raises the pressure, none alone makes it high, and what is unknown stands between good and bad."""

from dataclasses import replace

import pytest

from pipeline.forecast.device_pressure import DeviceFacts, pressure, ranked

PUMP = DeviceFacts(
    "10.0.0.5", "infusion_pump", "exploited", "CVE-2020-25165", seen=True, clients=3, firmware="8.9", firmware_age_y=4.0
)


@pytest.mark.parametrize(
    "worse",
    [
        {"ransomware": True}, {"internet_in": 1}, {"internet_out": 2}, {"clients": 40},
        {"remote_services": ("ssh",)}, {"findings": ("devices.internet",)}, {"firmware_age_y": 9.0},
    ],
)  # fmt: skip
def test_every_factor_raises_it(worse: dict[str, object]) -> None:
    assert pressure(PUMP).value < pressure(replace(PUMP, **worse)).value <= 100  # type: ignore[arg-type]


def test_unknown_stands_between() -> None:
    cases = (
        ("hole", "none", "unknown", "exploited"),
        ("hole", "none", "perhaps", "exploited"),
        ("firmware_age_y", 0.1, None, 9.0),
    )
    for field, good, unknown, bad in cases:
        values = [pressure(replace(PUMP, **{field: v})).value for v in (good, unknown, bad)]  # type: ignore[arg-type]
        assert values == sorted(set(values))
    alone, unseen = replace(PUMP, clients=0), DeviceFacts("x", hole="exploited", firmware_age_y=4.0)
    assert pressure(alone).value < pressure(unseen).value < pressure(replace(PUMP, internet_in=1)).value


def test_a_repaired_device_on_the_internet_stays_below_an_exploited_one_inside() -> None:
    repaired = replace(PUMP, hole="none", internet_in=50, remote_services=("rdp",), firmware_age_y=9.0)
    assert pressure(repaired).value < pressure(PUMP).value
    assert [p.device for p in ranked([repaired, PUMP])] == [PUMP, repaired]


def test_the_factors_are_its_product_and_are_explained() -> None:
    found = pressure(replace(PUMP, internet_in=2, remote_services=("ssh",), life_support=True, at_least=True))
    product = 100.0
    for factor in found.factors:
        product *= factor.value
    assert found.value == pytest.approx(product, abs=0.05)
    assert found.sentence == (
        "10.0.0.5 (infusion pump): CVE-2020-25165 is being exploited and not repaired; reached from the internet by 2 "
        "addresses, answers ssh, 3 machines talk to it; firmware at least 4.0 years old. A patient's life may depend "
        "on it: plan with biomedical engineering."
    )
