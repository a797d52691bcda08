"""Twisted text is told by its letters; honest text, and what a house does every day, is not."""

import numpy as np
import pytest

from detectors.played import START, played
from pipeline.detectors.logs.obfuscated_command import ObfuscatedCommand
from pipeline.detectors.logs.odd_letters import LOOK_AT, MARKS, WORDS, marks

DAY_S = 86_400.0


def _marks(text: str) -> dict[str, float]:
    data = np.frombuffer(text.encode(), np.uint8)
    row = marks(data, np.zeros(1, np.int64), np.array([len(data)], np.int32))[0]
    return {name: value for name, value in zip(MARKS, row.tolist(), strict=True) if value}


@pytest.mark.parametrize(
    ("text", "mark", "count"),
    [
        ("c^m^d /c p^o^w^e^r", "broken_words", 1), ("I`N`V`o`ke", "broken_words", 1), ("w'h'o'a'm'i", "broken_words",
                1),
        ("('i'+'ex') ('ne' + 'w-o'+\"bj\"+'ect')", "glued_pieces", 4), ("{2}{0}{1} {1}{0}", "shuffled_pieces", 2),
        ("[char]105+[ChAr]101+[char]120+[char]32+[char]40", "letters_by_number", 20),
        ("105,101,120,32,40,110,101,119,45,111,98,106,101", "letters_by_number", 12),
        ("printf '\\x63\\x61\\x74\\x20'", "letters_by_escape", 4), ("\\u0069\\u0065\\u0078\\u0020", "letters_by_escape",
                4), ("echo '\\143\\141\\164\\040'",
                "letters_by_escape", 4),
        ("iNvOkE-eXpReSsIoN gEt-CoNtEnT", "odd_case", 3), ("%comspec:~0,1%%x:~3,1%", "cut_variables", 2),
        ("${a:3:1}${PATH:0:1}", "cut_variables", 2),
    ],
)  # fmt: skip
def test_marks(text: str, mark: str, count: float) -> None:
    assert _marks(text)[mark] == count


@pytest.mark.parametrize(
    "text",
    [
        "don't we're it's", "Get-ChildItem -Path 'C:\\Users' | Select-Object FullName",
        "nmap -p 22,80,443 10.0.0.1-20",
        "copy a %date:~-4%%time:~0,2%.bak", "\\x86\\bin C:\\users\\x64", "PowerShell POWERSHELL powershell Powershell",
        "192.168.100.101 10.120.33.45 2024-01-02 03:04:05.123", "'a,b' + $x + 'c'", "{0} {1} {2} {0}{1}{2}", "", "^",
        "'",
        " ".join(WORDS), "RunDll32.exe InetCpl.cpl,x; CertUtil -hashfile a; SchTasks /query",
        "docker build -t a:${SHA:0:8} -t b:${SHA:0:12} .", "java -Dport=${PORT:8080} -Dpool=${POOL:10}",
        '{"note":"\\u0431\\u043e\\u043b\\u044c\\u043d\\u0438\\u0446\\u0430"}',
    ],
)  # fmt: skip
def test_honest_text_bears_none(text: str) -> None:
    assert {name: value for name, value in _marks(text).items() if (name, value) != ("letters_by_escape", 1)} == {}


def test_only_so_much_is_looked_at() -> None:
    assert _marks("a" * LOOK_AT + " c^m^d^x") == {}


def _start(ts: float, host: str = "ws-1", command: str = "cmd /c p^o^w^e^r^s^h^e^l^l") -> dict[str, object]:
    return {"kind": "process", "action": "start", "ts": START + ts, "host": host, "command_line": command,
            "image": "C:\\Windows\\System32\\cmd.exe"}  # fmt: skip


def test_what_a_machine_does_for_days_is_routine() -> None:
    values = played(ObfuscatedCommand, [_start(DAY_S * day) for day in range(5)])
    assert (values[:3] >= 0.5).all() and (values[3:] < 0.5).all()


def test_what_many_machines_do_is_the_house_s_own() -> None:
    hosts = [f"ws-{n}" for n in range(200)]
    values = played(ObfuscatedCommand, [_start(60.0 * n, host) for n, host in enumerate(hosts)])
    assert values[0] >= 0.5 and (values >= 0.5).sum() <= 2 * 8, "two of each key group"


def test_lines_of_other_programs_are_not_read() -> None:
    line = {"kind": "line", "ts": START, "host": "h", "program": "app", "message": "cmd /c p^o^w^e^r^s^h^e^l^l"}
    assert np.isnan(played(ObfuscatedCommand, [line])).all()
    assert played(ObfuscatedCommand, [line | {"program": "sudo"}])[0] >= 0.5
    assert played(ObfuscatedCommand, [line | {"event_code": "4104"}])[0] >= 0.5
