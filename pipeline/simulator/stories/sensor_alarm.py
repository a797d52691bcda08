"""The intrusion sensor recognises malware's talk, in the midst of its usual notes about nothing."""

from pipeline.simulator.documents import network
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link

_GRAVE = (
    ("MALWARE Win32 loader CnC checkin", "2900001", "Malware Command and Control Activity Detected", 1),
    ("TROJAN stealer exfil over HTTP POST", "2900002", "A Network Trojan was detected", 1),
    ("EXPLOIT SMB remote code execution, transaction overflow", "2900003", "Attempted Administrator Privilege Gain", 1),
)
_FAINT = (
    ("ATTACK_RESPONSE possible shell on a high port", "2900004", "Potentially Bad Traffic", 2),
    ("EXPLOIT possible deserialisation in a DICOM web service", "2900005", "Web Application Attack", 1),
)


class SensorAlarm(Story):
    """Easy: fifteen grave alerts of one desk. Hard: a single one, less sure."""

    kind = "sensor_alarm"
    techniques = ("T1071", "T1210")
    expected = ("network.ids_alert",)
    length_s = 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        desk = d.pick(s.world.desks)
        site = s.world.internet.new_site(d, "web")
        signature, number, category, severity = d.pick(stage.by(_GRAVE, _GRAVE, _FAINT))
        count = stage.by(15, 4, 1)
        for place in range(count):
            ts = stage.at((place + 0.7 * d.random()) / count)
            where = link(s, desk, site.host, 443)
            network.ids_alert(
                s.tape, ts, where, signature=signature, signature_id=number, category=category, severity=severity,
                action="allowed",
            )  # fmt: skip
            connect(s, ts - 0.1, where, d.size(900, 0.4), d.size(1500, 0.5))
        stage.note("ip", desk.ip, site.host.ip)
