"""Everyone and everything an incident involves, with what the inventory says of them."""

from collections.abc import Sequence
from typing import Literal

from pipeline.incidents.member import Member
from pipeline.incidents.names import Name
from pipeline.incidents.risk import Risks
from schemas.incident import Party

MAX_PARTIES = 100
Role = Literal["subject", "linked", "touched"]
_ORDER: tuple[Role, ...] = ("subject", "linked", "touched")


def subject_of(members: Sequence[Member]) -> Name:
    """Whom the strongest alerts are about; of two alike who acted, then the first by name."""
    points: dict[Name, tuple[float, bool]] = {}
    for m in members:
        sum_so_far, acted = points.get(m.subject, (0.0, False))
        points[m.subject] = sum_so_far + m.points, acted or m.names.acted
    return min(points, key=lambda name: (-points[name][0], not points[name][1], name))


def parties(members: Sequence[Member], risks: Risks) -> list[Party]:
    """The subject first, then others who act, their other names, and what they reached; at most 100."""
    first = subject_of(members)
    roles: dict[Name, Role] = {first: "subject"}
    for m in members:
        if m.names.acted:
            roles.setdefault(m.subject, "linked")
    for m in members:
        for name in m.names.own:
            roles.setdefault(name, "linked" if m.names.acted else "touched")
        for name in m.names.origins:
            roles.setdefault(name, "linked")
    for m in members:
        for name in (m.subject, *m.names.reached, *m.names.others, *m.names.outside):
            if name[0] not in ("port", "process", "file"):
                roles.setdefault(name, "touched")
    ranked = sorted(roles, key=lambda name: _ORDER.index(roles[name]))
    return [_party(name, roles[name], risks) for name in ranked[:MAX_PARTIES]]


def _party(name: Name, role: Role, risks: Risks) -> Party:
    asset = risks.asset(*name)
    return Party.model_construct(
        type=name[0],
        value=name[1],
        role=role,
        criticality=asset.criticality,
        life_support=asset.life_support,
        device_class=asset.device_class,
        name=asset.name,
        department=asset.department,
    )
