"""What the intrusion sensor says on an ordinary day: policy notes that mean little."""

from pipeline.simulator.activities.activity import Activity
from pipeline.simulator.documents import network
from pipeline.simulator.verbs.net import link
from pipeline.simulator.verbs.scene import Scene

_NOTES = (
    ("POLICY outdated TLS version offered", "2100101", "Potentially Bad Traffic", 3),
    ("INFO remote access tool in use", "2100102", "Misc activity", 3),
    ("INFO file sharing client user agent", "2100103", "Misc activity", 3),
    ("STREAM excessive retransmissions", "2210054", "Generic Protocol Command Decode", 3),
    ("POLICY cleartext password over HTTP", "2100104", "Potential Corporate Privacy Violation", 2),
)


class SensorNotes(Activity):
    """Low alerts about workstations."""

    share = 0.002

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        signature, number, category, severity = d.pick(_NOTES)
        where = link(s, d.pick(s.world.desks), s.world.internet.popular(d).host, 443)
        network.ids_alert(
            s.tape, ts, where, signature=signature, signature_id=number, category=category, severity=severity,
            action="allowed",
        )  # fmt: skip
