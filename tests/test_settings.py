"""Settings: environment over file over default, and what is refused."""

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.settings import load_settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the machine: a working folder without a file, no variables of ours."""
    monkeypatch.chdir(tmp_path)
    for name in ("WARDWATCH_DATA_DIR", "WARDWATCH_CONFIG", "WARDWATCH_KAFKA_BOOTSTRAP"):
        monkeypatch.delenv(name, raising=False)


def test_environment_over_file_over_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "wardwatch.toml").write_text(
        'kafka_bootstrap = "file:1"\nseed = 3\n[detectors."network.port_scan"]\nports = 9\n'
    )
    monkeypatch.setenv("WARDWATCH_KAFKA_BOOTSTRAP", "environment:2")
    found = load_settings()
    assert (found.kafka_bootstrap, found.seed, found.key_groups) == ("environment:2", 3, 8)
    assert found.detectors == {"network.port_scan": {"ports": 9}}
    assert load_settings(seed=5).seed == 5


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("KAFKA_SECURITY", "SASL_PLAINTEXT", "SASL without TLS"),
        ("KAFKA_SECURITY", "SASL_SSL", "needs kafka_username"),
        ("KAFKA_USERNAME", "someone", "not SASL_SSL"),
        ("PARTITIONS", "3", "divide key_groups"),
        ("LISTS", '{"friends": "x"}', "no list is called 'friends'"),
        ("LISTS", "not json", "cannot be read"),
        ("SEED", "-1", "seed"),
        ("IDENTIFIERS", "names", "identifiers"),
    ],
)
def test_what_cannot_be_is_one_clear_line(name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"WARDWATCH_{name}", value)
    with pytest.raises(ConfigError) as refused:
        load_settings()
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_wrong_name_in_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "wardwatch.toml").write_text("kafka_boostrap = 'typo:1'\n")
    with pytest.raises(ConfigError, match="kafka_boostrap"):
        load_settings()


@pytest.mark.parametrize("text", [b"this is = = no toml", b"seed = 'x'", b"kafka_boostrap = 'typo:1'", b"seed = \xff"])
def test_the_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes) -> None:
    (tmp_path / "ours.toml").write_bytes(text)
    monkeypatch.setenv("WARDWATCH_CONFIG", str(tmp_path / "ours.toml"))
    with pytest.raises(ConfigError, match=r"ours\.toml"):
        load_settings()


def test_the_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARDWATCH_SEED", "x")
    with pytest.raises(ConfigError, match=r"^WARDWATCH_SEED: setting seed: "):
        load_settings()
    with pytest.raises(ConfigError, match=r"^setting seed: "):
        load_settings(seed=-1)


def test_secrets_come_from_files_and_are_never_shown(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2\n")
    found = load_settings(clickhouse_password_file=tmp_path / "password", pseudonym_key="very secret")
    assert found.secret("clickhouse_password") == "hunter2"
    assert found.secret("kafka_password") is None
    assert "very secret" not in repr(found)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(kafka_password_file=tmp_path / "nowhere").secret("kafka_password")


def test_checkpoints_are_a_folder_or_a_url(tmp_path: Path) -> None:
    assert load_settings(data_dir=tmp_path).checkpoints == tmp_path / "checkpoints"
    assert load_settings(checkpoints="kept/here").checkpoints == tmp_path / "kept" / "here"
    assert load_settings(checkpoints=f"file://{tmp_path}/c").checkpoints == tmp_path / "c"
    assert load_settings(checkpoints="s3://bucket/prefix").checkpoints == "s3://bucket/prefix"
    with pytest.raises(ConfigError, match="checkpoints"):
        load_settings(checkpoints=" ")
