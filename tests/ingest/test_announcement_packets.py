"""What machines announce of themselves is read from packets: printers, cameras, medical devices."""

import struct
from pathlib import Path

import pytest
from captured import pcap, udp
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events

from pipeline.features.device_classes import class_of_software

DEVICE = "10.0.0.70"
HELLO = b"""<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><d:Hello><d:Types xmlns:x="urn:x">%s
</d:Types><d:Scopes>onvif://www.onvif.org/hardware/DS2042W onvif://www.onvif.org/location/ward3
onvif://www.onvif.org/name/bed-of-ward3</d:Scopes></d:Hello>"""
NOTIFY = b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: urn:schemas-upnp-org:device:Printer:1\r\n%s\r\n"


def _shown(folder: Path, port: int, said: bytes) -> list[tuple[str, str | None]]:
    found = events(folder, "x.pcap", pcap([(1.7e9, udp((DEVICE, port), ("239.255.255.250", port), said))]))
    assert found[-1]["kind"] == "flow" and "ward3" not in str(found)
    assert {e["src_ip"] for e in found} == {DEVICE}
    return [(e["software"], e.get("version")) for e in found if e["kind"] == "software"]


def test_ssdp(tmp_path: Path) -> None:
    server = b"SERVER: Linux/3.10 UPnP/1.0 LaserWriter/2.1\r\n"
    assert _shown(tmp_path, 1_900, NOTIFY % server) == [("LaserWriter", "2.1"), ("Printer", None)]
    answer = b"HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nServer: Camd/7.2\r\n\r\n"
    assert _shown(tmp_path, 1_900, answer) == [("Camd", "7.2")]
    assert _shown(tmp_path, 1_900, b"M-SEARCH * HTTP/1.1\r\nST: urn:x:device:Printer:1\r\n\r\n") == [], "who only asks"


@pytest.mark.parametrize(
    ("types", "told", "kind"),
    [
        (b"dpws:Device mdpws:MedicalDevice", ["Device", "MedicalDevice"], "medical"),
        (b"dn:NetworkVideoTransmitter", ["NetworkVideoTransmitter"], "camera"),
        (b"wsdp:Device wprt:PrintDeviceType", ["Device", "PrintDeviceType"], "printer"),
    ],
)
def test_ws_discovery(tmp_path: Path, types: bytes, told: list[str], kind: str) -> None:
    assert [name for name, _ in _shown(tmp_path, 3_702, HELLO % types)] == [*told, "DS2042W"]
    assert class_of_software(told[-1]) == kind
    assert _shown(tmp_path, 3_702, (HELLO % types).replace(b"Hello", b"Probe")) == [], "who only asks"


def _record(name: bytes, kind: int, data: bytes) -> bytes:
    return name + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


def test_mdns(tmp_path: Path) -> None:
    service = b"\4_ipp\4_tcp\5local\0"
    texts = b"".join(bytes((len(t),)) + t for t in (b"txtvers=1", b"ty=LaserWriter 400", b"note=ward3"))
    records = _record(service, 12, b"\4ward\xc0\x0c"), _record(b"\4ward\xc0\x0c", 16, texts)
    said = struct.pack(">HHHHHH", 0, 0x8400, 0, 2, 0, 0) + b"".join(records)
    assert _shown(tmp_path, 5_353, said) == [("_ipp._tcp", None), ("LaserWriter", "400")]
    assert class_of_software("_ipp._tcp") == "printer"


@settings(max_examples=200, deadline=None)
@given(
    said=st.sampled_from([HELLO, NOTIFY, b"HTTP/1.1 200 OK\r\nSERVER: "]), where=st.integers(0, 260),
    what=st.binary(max_size=8), port=st.sampled_from([1_900, 3_702]),
)  # fmt: skip
def test_no_words_make_it_fail(
    tmp_path_factory: pytest.TempPathFactory, said: bytes, where: int, what: bytes, port: int
) -> None:
    words = said[:where] + what + said[where + len(what) :]
    capture = pcap([(1.7e9, udp((DEVICE, port), ("239.255.255.250", port), words))])
    found = events(tmp_path_factory.mktemp("x"), "x.pcap", capture)
    assert found[-1]["kind"] == "flow" and not [e for e in found if "_unread" in str(e)]
