"""Every pattern finds what it says, through case, quotes and carets; everyday commands stay quiet."""

import numpy as np
import pytest

from detectors.played import START, played
from pipeline.detectors.logs.command_patterns import PATTERNS
from pipeline.detectors.logs.suspicious_command import SuspiciousCommand

EVERYDAY = (
    "powershell.exe -ExecutionPolicy RemoteSigned -File C:\\scripts\\report.ps1 -Encoding utf8",
    "certutil -store my", "vssadmin list shadows", "bcdedit /enum", "wevtutil qe System /c:5", "reg query HKLM",
    "rundll32.exe shell32.dll,Control_RunDLL", "regsvr32 /s msxml3.dll", "schtasks /query", "net user", "ls -la",
    "curl https://example.org -o file", "wmic os get caption", "nc -h", "bash -i", "tar -cf - /data | ssh host",
    "C:\\Windows\\System32\\svchost.exe -k netsvcs -p", "java -e production -jar app.jar",
)  # fmt: skip


def _scores(commands: list[str]) -> np.ndarray:
    return played(
        SuspiciousCommand,
        [{"kind": "process", "ts": START, "host": "h", "action": "start", "command_line": c} for c in commands],
    )


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: " + ".join(p.terms))
def test_each_pattern_is_found_in_disguise(pattern: object) -> None:
    plain = " x ".join(pattern.terms)  # type: ignore[attr-defined]
    disguised = plain.upper().replace("E", "E^").replace(" ", "   ").replace("S", 'S"')
    assert (_scores([plain, disguised]) >= min(pattern.weight, 0.55)).all()  # type: ignore[attr-defined]


def test_everyday_commands_are_quiet() -> None:
    np.testing.assert_array_equal(_scores(list(EVERYDAY)), np.zeros(len(EVERYDAY)))


def test_other_kinds_have_no_opinion() -> None:
    line = {"kind": "line", "ts": START, "host": "h", "message": "vssadmin delete shadows"}
    assert np.isnan(played(SuspiciousCommand, [line])).all()
