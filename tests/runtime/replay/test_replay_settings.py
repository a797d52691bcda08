"""What a replay may change, and what it refuses to."""

from pathlib import Path

import pytest

from pipeline.errors import ConfigError, UsageError
from pipeline.runtime.replay.settings import changes, check_detectors
from pipeline.settings import load_settings


def test_the_id_of_a_detector_keeps_its_point() -> None:
    changed, unused = changes(
        ["detectors.network.port_scan.ports=30", 'disabled=["network.ids_alert"]', "lists.scanners=s.txt", "seed=3"],
        None,
    )
    assert changed == {
        "detectors": {"network.port_scan": {"ports": 30}},
        "disabled": ["network.ids_alert"],
        "lists": {"scanners": "s.txt"},
        "seed": 3,
    }
    assert unused == []
    settings = load_settings(**changed)
    check_detectors(settings, ["network"], changed)
    assert settings.detectors == {"network.port_scan": {"ports": 30}}


def test_a_file_gives_what_decides_scores_and_an_option_wins_over_it(tmp_path: Path) -> None:
    config = tmp_path / "candidate.toml"
    config.write_text(
        'kafka_bootstrap = "elsewhere:9092"\nclickhouse_database = "default"\nseed = 9\n'
        '[detectors."network.port_scan"]\nports = 20\nhosts = 5\n'
    )
    changed, unused = changes(["detectors.network.port_scan.ports=30"], config)
    assert changed == {"seed": 9, "detectors": {"network.port_scan": {"ports": 30, "hosts": 5}}}
    assert unused == ["clickhouse_database", "kafka_bootstrap"]


@pytest.mark.parametrize(
    "text",
    [
        "ports=30", "seed", "clickhouse_database=default", "topic_prefix=x", "key_groups=4", "pseudonym_key=x",
        "detectors.ports=3", "detectors.network.port_scan=3", "seed.x=1", "lists.a.b=1", "=1", "",
    ],
)  # fmt: skip
def test_refused_assignments(text: str) -> None:
    with pytest.raises(UsageError):
        changed, _ = changes([text], None)
        check_detectors(load_settings(**changed), ["network"], changed)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("detectors.network.port_scna.ports=3", "did you mean network.port_scan"),
        ('disabled=["network.nothing_like_it"]', "no detector"),
        ("detectors.logs.auth_brute_force.threshold=0.9", "--topic logs"),
    ],
)
def test_detectors_that_would_change_nothing(text: str, said: str) -> None:
    changed, _ = changes([text], None)
    with pytest.raises(UsageError, match=said):
        check_detectors(load_settings(**changed), ["network"], changed)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("seed = ")
    for path in (broken, tmp_path / "missing.toml"):
        with pytest.raises(ConfigError, match="cannot be read"):
            changes([], path)
