"""Public captures and sets, where they stand beside the project: every record a row or a dead letter, the known
attacks among the alerts, quiet days quiet."""

import os
from collections import Counter
from pathlib import Path

import pytest

from pipeline.ingest.merge import read_paths
from pipeline.runtime.line import Plan
from pipeline.runtime.scan import Scan, ScanSummary
from pipeline.settings import load_settings
from schemas.alert import Alert

DATA = Path(os.environ.get("WARDWATCH_DATA", Path(__file__).parents[1].parent / "shared" / "data"))
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not beside the project")


def scanned(tmp_path: Path, *names: str) -> tuple[ScanSummary, list[Alert]]:
    """Scan these; every record is accounted for."""
    alerts: list[Alert] = []
    plan = Plan.of(load_settings(data_dir=tmp_path), make_keys=True)
    scan = Scan(plan, "scan-test", 8000, on_alert=alerts.append)
    read = 0
    for record in read_paths([DATA / name for name in names]):
        scan.add(record)
        read += 1
    summary = scan.finish()
    assert summary.records == read > 0
    assert summary.records == summary.rows + summary.dead_letters + summary.copies
    assert summary.alerts == len(alerts) == len({a.finding_info.uid for a in alerts})
    return summary, alerts


def entities(alerts: list[Alert], detector: str) -> set[str]:
    return {str(a.unmapped["entity"]) for a in alerts if a.finding_info.analytic.uid == detector}


def test_port_scans(tmp_path: Path) -> None:
    summary, alerts = scanned(tmp_path, "network/zeek_port_scans")
    assert summary.dead_letters == 0
    assert entities(alerts, "network.port_scan") == {"10.0.2.112", "192.168.1.9"}


def test_brute_force_in_auth_log(tmp_path: Path) -> None:
    summary, alerts = scanned(tmp_path, "logs/auth.log.gz")
    assert summary.dead_letters == 0
    assert "24.151.103.17" in entities(alerts, "logs.auth_brute_force")


def test_the_quiet_day_can_be_read(tmp_path: Path) -> None:
    """An internet-facing host: background scanning, worth a page and no more."""
    summary, alerts = scanned(tmp_path, "network/zeek_day")
    assert summary.dead_letters == 0
    assert len(alerts) <= 80, Counter(a.finding_info.analytic.uid for a in alerts)


@pytest.mark.parametrize(
    ("name", "sources"),
    [
        ("network/suricata_eve_malicious.json.gz", {"network"}),
        ("logs/windows_attack", {"logs"}),
        ("health/fhir_audit", {"ehr", "claims"}),
        ("health/x12", {"claims"}),
        ("health/synthea_fhir", {"context", "claims"}),
    ],
)
def test_every_record_is_a_row_or_a_dead_letter(name: str, sources: set[str], tmp_path: Path) -> None:
    summary, _ = scanned(tmp_path, name)
    assert set(summary.by_source) == sources
    assert summary.dead_letters < summary.records / 2  # fhir_audit holds 16 types that are no event
