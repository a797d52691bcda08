"""A device that reported all the time says nothing any more: cut off, blocked, stolen or broken."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.devices.clinical_talk import clinical_talk
from pipeline.detectors.devices.device_flows import device_flows, kind_of
from pipeline.detectors.devices.pulse import BEAT, BREAK, LEAST_S, SIGN, TICK, TOGETHER_S, Pulse
from pipeline.detectors.explaining import count_of
from pipeline.features.batch import Batch
from pipeline.features.device_classes import CLINICAL, CODES, NAMES, PATIENT_WORN
from pipeline.features.known_devices import device_ends
from pipeline.features.lists import Lists
from pipeline.features.naming import LIMIT
from pipeline.features.unknown import filled
from schemas.finding import Feature

DAY_S = 86_400.0
BROKEN = ("RSTR", "RSTOS0", "RSTRH", "S0", "S1", "S2", "S3", "REJ", "SH", "SHR")
"""Zeek's words for connections that did not end as the device wanted, or did not begin; its own reset (RSTO) aside."""
CUT, MUTE, STOPPED, SWITCHED_OFF, FELLOW, OUTAGE = 0.7, 0.65, 0.6, 0.4, 0.35, 0.3
_FOLLOWED = np.array([c in CLINICAL or n in ("building_automation", "camera") for c, n in enumerate(NAMES)])
_EVIDENCE = ("silence_s", "longest_s", "code", "watched_s", "broken", "alive", "steady", "together")


class Silent(Detector):
    """A device's silence, three times longer than its longest pause, told at the next event of its key group.

    Scores 0.7 when its last contact broke off halfway or it calls in vain, 0.65 when it still keeps time or its lease
    but reports no more, 0.6 when a machine that is not worn by patients and was watched for a day just stops. A
    monitor or pump whose last session was closed was switched off (0.4): patients go home. Of several that fall silent
    in the same minutes one is told; when half of the devices do, it is the network or the sensor (0.3).
    """

    id = "devices.silent"
    title = "Device fell silent"
    severity = 4
    attacks = ("T1489", "T1499")
    source = "network"
    entity = ("src_ip", "src_mac")
    entity_type = "ip"
    inputs = ("src_ip", "src_mac", "dst_ip", "dst_port", "service", "proto", "conn_state", "bytes_out", "bytes_in",
              "duration_s", "packets_out", "packets_in")  # fmt: skip
    cost = "O(1) an event, O(1,024) at a deadline; 1,024 devices of 140 bytes a key group"
    reference = "IEC 80001-1, risk management of IT networks with medical devices; MITRE ATT&CK for ICS T0815"
    misses = (
        "A cut that looks like switching off, devices that neither inventory, MAC address nor DICOM or HL7 tells, "
        "outages of half of the devices, and silence that no other machine of the key group outlasts."
    )

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._pulse = Pulse(setup.groups)

    def score(self, batch: Batch) -> Scores:
        src = device_ends(batch, self.setup.lists, "src")
        codes = np.where((src.codes == 0) & (clinical_talk(batch) != 0), np.int8(CODES["medical"]), src.codes)
        flows = device_flows(batch, self.setup.lists)
        what = np.where(_FOLLOWED[src.codes], np.int8(SIGN), np.int8(TICK))
        mine = flows.rows[_FOLLOWED[codes[flows.rows]]]
        vain = batch.is_in("conn_state", BROKEN)[mine] | (batch.number("bytes_in")[mine] == 0)
        what[mine] = np.where(vain, BREAK, BEAT)
        size = filled(batch.number("bytes_out")) + filled(batch.number("bytes_in"))
        at, found, names = self._pulse.note(
            batch.hash("src_ip"), what, codes, size, batch.data, *batch.spans("src_ip"), batch.ts, batch.groups
        )
        values = np.full(batch.n, np.nan)
        values[mine] = 0.0
        evidence = {name: np.zeros(batch.n) for name in _EVIDENCE}
        for k, name in enumerate(_EVIDENCE):
            evidence[name][at] = found[:, k]
        if len(at):
            values[at] = _judged(*(found[:, k] for k in range(2, 8)))
        about = {int(row): _text(name) for row, name in zip(at, names, strict=True)}
        return Scores(values, evidence | {"who": _whole(batch.n, at, names)}, about)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(scores.evidence[name][row]) for name in _EVIDENCE}
        who, what = str(scores.evidence["who"][row])[:LIMIT] or "A device", kind_of(int(e["code"]))
        how = ""
        if e["broken"]:
            how = " Its last connection broke off or found no answer."
        elif e["alive"]:
            how = " It still asks for time or names."
        fellows = abs(int(e["together"])) - 1
        also = f" {count_of(fellows, 'other')} fell silent with it." if fellows > 0 else ""
        message = f"{who}, {what}, has not reported for {_span(e['silence_s'])}.{how}{also}"
        features = [
            Feature(
                name="silence", value=round(e["silence_s"]), unit="s", usual_low=0, usual_high=round(e["longest_s"])
            ),
            Feature(name="broke_off", value=int(e["broken"]), usual_low=0, usual_high=0),
            Feature(name="others_silent_with_it", value=max(fellows, 0)),
        ]
        # See `pulse`: three times its longest pause, ten minutes at least, and five to see who falls silent with it.
        wait_s = max(3.0 * e["longest_s"], LEAST_S) + TOGETHER_S
        normal = f"Silent for less than {_span(wait_s)}; its longest pause before was {_span(e['longest_s'])}."
        return Explanation(message, normal, features)

    def state(self, group: int) -> dict[str, np.ndarray]:
        return self._pulse.state(group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        self._pulse.load(group, state)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        pumps = {f"10.4.9.{i}": {"ip": f"10.4.9.{i}", "class": "infusion pump"} for i in (13, 25)}
        lists = Lists(devices=pumps)
        flow: dict[str, Any] = {"kind": "flow", "proto": "tcp", "dst_ip": "10.1.0.5", "dst_port": 8443, "bytes_in": 90,
                "conn_state": "SF"}  # fmt: skip
        both = [flow | {"ts": 1e6 + 60.0 * i + k, "src_ip": ip} for i in range(60) for k, ip in enumerate(pumps)]
        other = [flow | {"ts": 1e6 + 60.0 * i, "src_ip": "10.4.9.13"} for i in range(60, 90)]
        later = [o | {"ts": o["ts"] + 9e3} for o in other[:5]]
        cut = flow | {"ts": 1e6 + 3610.0, "src_ip": "10.4.9.25", "conn_state": "RSTR",
                      "bytes_in": 40}  # fmt: skip
        return (
            Example("cut off", [*both, cut, *other], True, lists),
            Example("switched off", [*both, *other], False, lists),
            Example("the sensor stood still", [*both, cut, *later], False, lists),
            Example("unknown machines", [*both, cut, *other], False),
        )  # fmt: skip


def _judged(
    code: np.ndarray, watched_s: np.ndarray, broken: np.ndarray, alive: np.ndarray, steady: np.ndarray,
    together: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """float64[k]: scores of silences."""
    worn = np.isin(code, list(PATIENT_WORN))
    stopped = np.where(worn | (watched_s < DAY_S), SWITCHED_OFF, STOPPED)
    score = np.where(broken > 0, CUT, np.where(alive > 0, MUTE, stopped))
    many = np.abs(together)
    score = np.where(together < 0, np.minimum(score, FELLOW), score)
    return np.asarray(np.where((many >= 4) & (many >= 0.5 * steady), OUTAGE, score))


def _text(name: np.ndarray) -> str:
    return name.tobytes().rstrip(b"\0").decode(errors="replace")


def _whole(n: int, at: np.ndarray, names: np.ndarray) -> np.ndarray:
    out = np.full(n, "", object)
    for row, name in zip(at, names, strict=True):
        out[row] = _text(name)
    return out


def _span(seconds: float) -> str:
    return count_of(round(seconds / 60), "minute") if seconds < 7200 else f"{seconds / 3600:.1f} hours"
