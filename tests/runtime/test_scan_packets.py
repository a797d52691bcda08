"""From packets alone: a machine that should not begins to ask for images, on a port that nobody registered; somebody
guesses passwords of mailboxes; somebody answers for names of others."""

from pathlib import Path

import dpkt
from ingest.captured import MACS, Frames, Talk, pcap, udp
from ingest.dicom_words import associate, command, data

from pipeline.engine.engine import EngineConfig
from pipeline.features.lists import Lists
from pipeline.ingest.merge import read_paths
from pipeline.runtime.line import Plan
from pipeline.runtime.scan import Scan

ARCHIVE, SCANNER, DESK = ("10.1.0.35", 4_000), "10.4.2.9", "10.4.9.13"


def _asks(host: str, port: int, ts: float) -> Frames:
    talk = Talk((host, port), ARCHIVE, ts).begin().send(associate(1, b"x-1")).send(associate(2, b"y-2"), mine=False)
    return talk.send(data(command(0x20), command=True)).send(b"\5\0\0\0\0\4\0\0\0\0").finish().frames


def _alerts(path: Path) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    scan = Scan(
        Plan(EngineConfig(), Lists(), None, 0), path.name, 8_000,
        on_alert=lambda alert: found.append((alert.finding_info.analytic.uid, alert.message)),
    )  # fmt: skip
    for record in read_paths([path]):
        scan.add(record)
    scan.finish()
    return found


def test_a_workstation_that_begins_to_ask_for_images_is_told(tmp_path: Path) -> None:
    MACS.update({SCANNER: bytes.fromhex("847be9000009"), DESK: bytes.fromhex("d4bed9000001")})
    usual = [frame for i in range(50) for frame in _asks(SCANNER, 40_000 + i, 1.7e9 + 100.0 * i)]
    (quiet := tmp_path / "quiet.pcap").write_bytes(pcap(usual))
    assert _alerts(quiet) == [], "the scanner may"
    (told := tmp_path / "told.pcap").write_bytes(pcap([*usual, *_asks(DESK, 40_500, 1.7e9 + 6_000.0)]))
    ((detector, message),) = _alerts(told)
    assert detector == "devices.clinical_protocol" and message.startswith(f"{DESK}, known as workstation, began to")


def _mailbox(port: int, ts: float, answer: bytes) -> Frames:
    talk = Talk((DESK, port), ("10.1.0.26", 143), ts).begin().send(b"* OK ready\r\n", mine=False)
    return talk.send(b"a LOGIN nurse7 guess%d\r\n" % port).send(answer, mine=False).finish().frames


def test_guessed_passwords_of_mailboxes_are_told(tmp_path: Path) -> None:
    guesses = [frame for i in range(14) for frame in _mailbox(41_000 + i, 1.7e9 + 5.0 * i, b"a NO no\r\n")]
    (told := tmp_path / "told.pcap").write_bytes(pcap(guesses))
    assert [detector for detector, _ in _alerts(told)] == ["network.auth_brute_force"]
    checked = [frame for i in range(14) for frame in _mailbox(41_000 + i, 1.7e9 + 60.0 * i, b"a OK in\r\n")]
    (quiet := tmp_path / "quiet.pcap").write_bytes(pcap(checked))
    assert _alerts(quiet) == [], "a program that looks for mail"


def test_who_answers_for_names_of_others_is_told(tmp_path: Path) -> None:
    def answers(names: tuple[str, ...]) -> bytes:
        frames: Frames = []
        for k, name in enumerate(names):
            said = dpkt.dns.DNS(id=k, qr=1, qd=[dpkt.dns.DNS.Q(name=name, type=1)])
            said.an = [dpkt.dns.DNS.RR(name=name, type=1, rdata=bytes((10, 4, 9, 66)))]
            frames.append((1.7e9 + 90.0 * k, udp(("10.4.9.66", 5_355), (SCANNER, 50_000 + k), bytes(said))))
        return pcap(frames)

    (told := tmp_path / "told.pcap").write_bytes(answers(("wpad", "filesrv1", "pritner", "wardshare", "proxysrv")))
    ((detector, message),) = _alerts(told)
    assert detector == "network.name_poisoning" and message.startswith("10.4.9.66 was given as the address of 5")
    (quiet := tmp_path / "quiet.pcap").write_bytes(answers(("ward-pc9",) * 9))
    assert _alerts(quiet) == []
