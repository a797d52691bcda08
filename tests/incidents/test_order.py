"""Whatever happened, and in whatever order it is told: the same alerts belong together in the end."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.notes import correlator, finding, grouped, link
from schemas.note import FindingNote, LinkNote

_USERS = [f"u{i}" for i in range(5)]
_HOSTS = [f"ws-{i}" for i in range(5)]
_IPS = [f"10.1.1.{i}" for i in range(5)] + ["10.1.2.9"]
_PLACES = ["198.51.100.1", "198.51.100.2"]
_NETWORK = [
    ("network.lateral_movement", 4, "T1021"), ("network.beaconing", 4, "T1071"), ("network.port_scan", 3, "T1046"),
    ("network.flow_anomaly", 2, ""), ("devices.silent", 4, "T1489"),
]  # fmt: skip
_LOGS = [("logs.persistence", 4, "T1547.001"), ("logs.rare_template", 2, ""), ("logs.remote_execution", 4, "T1021.002")]
_RECORDS = [("ehr.family", 3, "T1213"), ("logs.impossible_travel", 3, "T1078")]
_HOURS = st.integers(0, 40).map(lambda n: n * 0.75)


@st.composite
def _alert(draw: st.DrawFn, number: int) -> list[FindingNote]:
    """One alert, in one note or two."""
    sort = draw(st.sampled_from(["network", "logs", "user"]))
    fields: dict[str, Any]
    if sort == "network":
        what = draw(st.sampled_from(_NETWORK))
        targets = draw(st.lists(st.sampled_from(_IPS + _PLACES), max_size=2, unique=True))
        fields = {"src_ip": draw(st.sampled_from(_IPS)), "dst_ip": targets}
    elif sort == "logs":
        what = draw(st.sampled_from(_LOGS))
        users = draw(st.lists(st.sampled_from(_USERS), max_size=2, unique=True))
        fields = {"host": draw(st.sampled_from(_HOSTS)), "user": users}
        fields |= {"src_ip": draw(st.sampled_from(_IPS))} if draw(st.booleans()) else {}
    else:
        what = draw(st.sampled_from(_RECORDS))
        fields = {"user": draw(st.sampled_from(_USERS)), "workstation": draw(st.sampled_from(_HOSTS))}
    detector, severity, attack = what
    begin = draw(_HOURS)
    score = draw(st.sampled_from([0.5, 0.9]))
    attacks = [attack] if attack else []
    first = finding(str(number), detector, begin, severity, attacks=attacks, score=score, **fields)
    if draw(st.booleans()):
        return [first]
    # An alert is of one UTC day: T0 is 08:00.
    until = min(begin + draw(_HOURS), ((begin + 8) // 24 + 1) * 24 - 8.01)
    return [first, finding(str(number), detector, begin, severity, 4, attacks, until_h=until, score=score, **fields)]


@st.composite
def _link(draw: st.DrawFn) -> LinkNote:
    user, host, ip = draw(st.sampled_from(_USERS)), draw(st.sampled_from(_HOSTS)), draw(st.sampled_from(_IPS))
    at = draw(_HOURS)
    return draw(
        st.sampled_from(
            [
                link(user, host, at),
                link(user, ip, at, kinds=("user", "ip")),
                link(host, ip, at, via="address", kinds=("host", "ip")),
            ]
        )
    )


@st.composite
def _log(draw: st.DrawFn) -> list[FindingNote | LinkNote]:
    alerts = [note for n in range(draw(st.integers(2, 9))) for note in draw(_alert(n))]
    return [*alerts, *draw(st.lists(_link(), max_size=8))]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_order_of_notes_does_not_change_what_belongs_together(data: st.DataObject) -> None:
    notes = data.draw(_log())
    one, other = correlator(), correlator()
    for note in notes:
        one.take(note)
        one.documents()
    for note in data.draw(st.permutations(notes)):
        other.take(note)
    assert grouped(one) == grouped(other)
    loaded = correlator()
    loaded.load(other.state())
    assert grouped(loaded) == grouped(one)
    for note in notes:
        loaded.take(note)
    assert grouped(loaded) == grouped(one)
