"""Lines that end as on old systems are lines."""

import hashlib
from pathlib import Path

import pytest
from ingested import events, letters, read

SYSLOG = "".join(
    f"2024-05-01T10:00:0{n}Z h1 sshd[1]: Failed password for u{n} from 10.0.0.5 port 22 ssh2\n" for n in range(5)
)
TABLE = "Src IP,Src Port,Dst IP,Dst Port,Protocol,Timestamp,Flow Duration\n" + "".join(
    f"10.0.0.{n},1024,10.0.1.1,80,6,2024-05-01 10:00:0{n},5\n" for n in range(5)
)
JSON = "".join(f'{{"@timestamp":"2024-05-01T10:00:0{n}Z","message":"up","log.level":"warn"}}\n' for n in range(5))
HL7 = "MSH|^~\\&|A|B|C|D|20240501100000||ADT^A01|1|P|2.5\rPID|1||4711||X^Y\rPV1|1|I|W1\r"


@pytest.mark.parametrize("text", [SYSLOG, TABLE, JSON])
def test_alone_they_end_lines(tmp_path: Path, text: str) -> None:
    usual = events(tmp_path, "x", text)
    assert len(usual) >= 5
    assert events(tmp_path, "x", text.replace("\n", "\r")) == usual
    assert events(tmp_path, "x", text.replace("\n", "\r\n")) == usual


def test_where_they_mean_something_they_stay(tmp_path: Path) -> None:
    assert {event["kind"] for event in events(tmp_path, "x", HL7)} == {"encounter", "patient"}
    (letter,) = letters(read(tmp_path, "x", HL7.replace("ADT^A01", "ACK")))
    assert letter.sha256 == hashlib.sha256(HL7.replace("ADT^A01", "ACK").rstrip("\r").encode()).hexdigest()
