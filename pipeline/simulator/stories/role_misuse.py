"""An account does in the record what its post never does: a porter prescribes, a clerk writes findings."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import chart
from pipeline.simulator.verbs.seat import seat


class RoleMisuse(Story):
    """Shows: kinds of entries that nobody of the role makes, though the patients are rightful. Easy: 20 by a porter.
    Hard: 3 by a registrar."""

    kind = "role_misuse"
    techniques = ("T1078",)
    expected = ("ehr.role_mismatch", "ehr.access_anomaly")
    length_s = 7200.0
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        user = stage.someone(*stage.by(("porter",), ("biller", "porter"), ("registrar",)))
        everyone = s.world.care.census(stage.start_ts).everyone or s.world.care.stays
        count = stage.by(20, 8, 3)
        for place in range(count):
            stay = d.pick(everyone)
            ts = stage.at((place + d.random()) / count)
            chart.access(s, ts, user, seat(s, ts, user), stay.patient, "read", "Patient", stay=stay)
            entry = d.pick(("MedicationRequest", "ServiceRequest", "DiagnosticReport"))
            chart.access(s, ts + d.between(5, 40), user, seat(s, ts, user), stay.patient, "create", entry, stay=stay)
            stage.note("patient", stay.patient.id)
        stage.note("user", user.id)
