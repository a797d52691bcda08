"""Settings: the example is whole, contradictions are refused with a sentence."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigError
from pipeline.response.allow_check import AllowCheck
from pipeline.response.options import ResponseOptions
from pipeline.settings import load_settings

EXAMPLE = Path(__file__).parents[2] / "infra" / "response.toml"


def test_the_example_is_taken_and_is_a_dry_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARDWATCH_CONFIG", str(EXAMPLE))
    options = load_settings().response
    assert options.dry_run and options.live("mail") and not options.live("nac") and not options.live("none")
    assert set(options.connectors) == {name for names in options.actions.values() for name in names}


def test_nothing_is_done_as_it_comes() -> None:
    assert ResponseOptions().dry_run and not ResponseOptions().connectors


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"actions": {"isolate": ["x"]}}, "'isolate' is no action; there are notify"),
        ({"actions": {"notify": ["x"]}}, "there is no connector 'x'"),
        ({"connectors": {"m": {"kind": "syslog", "host": "h"}}, "actions": {"snapshot": ["m"]}}, "only tell people"),
        (
            {"connectors": {"l": {"kind": "blocklist", "path": "p", "format": "rpz"}}, "actions": {"snapshot": ["l"]}},
            "a list of addresses",
        ),
        ({"approvals": {"isolate_host": {"roles": ["soc"]}}}, "nobody is in the role 'soc'"),
        ({"connectors": {"m": {"kind": "smtp", "host": "h", "sender": "a@b", "to": ["c@d"], "tls": "none",
                               "username": "u", "password_env": "P"}}}, "in clear"),
        ({"clinical_networks": ["10.0.0.0/99"]}, "does not appear to be"),
        ({"limits": {"isolate_host": -1}}, "greater than"),
    ],
)  # fmt: skip
def test_contradictions_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load_settings(response=wrong)


def test_the_example_holds_no_secret() -> None:
    text = EXAMPLE.read_text()
    given = tomllib.loads(text)["response"]["connectors"]
    assert not [name for c in given.values() for name in c if name in ("password", "token", "secret")]


@pytest.mark.parametrize("listed", ["HOSP\\JDoe", "jdoe@hosp.example", "jdoe"])
def test_an_account_is_spared_however_it_is_written(listed: str) -> None:
    options = ResponseOptions.model_validate({"allow": [{"target": listed, "owner": "it", "reason": "ours"}]})
    check = AllowCheck(options, lambda: 0.0, None)
    assert check.why("disable_account", "user", "jdoe")
    assert not check.why("disable_account", "user", "jdoe2")
    assert bool(check.why("isolate_host", "host", "jdoe")) == (listed == "jdoe")
