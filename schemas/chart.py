"""What is known of one patient, together: accesses, care and claims, given on by us under the patient's key.

Documents of these two topics are written by workers, never by producers. `charts` brings together what explains an
access; `judged` carries accesses and claims on, with what was found, to whoever made or billed them.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.base import Amount, Count, Event, Seconds, Text, TextList, Timestamp, Wire
from schemas.claims import ClaimBase
from schemas.context import Appointment, CareTeam, Encounter, Order, Organization, Patient, Practitioner
from schemas.ehr import EhrAccess

WITHDRAWN = ":withdrawn"
"""Ends the id of an access that is judged again, so that it is no copy of itself; a long id is cut for it."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Times = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
Days = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]


class OfChart(Event):
    """Kept with the patient: `chart` is the patient's identifier, or a name that only says which key group is meant."""

    KEY: ClassVar[tuple[str, ...]] = ("chart",)

    chart: Text | None = None


class Signs(Wire):
    """What the detectors of the user's own stream made of an access; left out below 0.2."""

    sign_volume: Share | None = None
    sign_hours: Share | None = None
    sign_workstation: Share | None = None
    sign_export: Share | None = None
    sign_account: Share | None = None
    """Dormant or shared."""


class AccessReason(Signs):
    """Why a chart was opened, as far as care explains it; set once an access is judged."""

    judged_ts: Timestamp | None = None
    """Event time at which it was judged: at once where a reason was known, else when the time of grace was over."""
    reason: Text | None = None
    """appointment, care_team, order, encounter, payment, repeat, colleague, serves_all; `none` where nothing does."""
    reason_ref: Text | None = None
    """Which one: id of the encounter, order or claim, or the colleague."""
    strength: Share | None = None
    """How well it explains: 1 a treating relation of one's own, 0 nothing."""
    late: bool | None = None
    """The reason became known after the access."""
    withdrawn: bool | None = None
    """Judged without a reason before; now there is one."""
    care_after: bool | None = None
    """Care by the user or the user's department was documented after it: an order, a note, an encounter."""
    is_self: bool | None = None
    """The user's own chart."""
    is_coworker: bool | None = None
    """The patient works here."""
    same_family: bool | None = None
    """User and patient share a family name that is not common here, or any with the address."""
    same_address: bool | None = None
    same_department: bool | None = None
    """The patient works in the user's department."""
    deceased_days: Days | None = None
    """Days since the patient died."""
    user_before: Count | None = None
    """How often the user opened this chart before."""
    department_before: Count | None = None
    """How often the user's department did."""
    user_charts: Count | None = None
    """How often the user had turned to another chart by then, since this was first counted."""
    user_days: Count | None = None
    """On how many days (UTC) the user had opened any chart by then, since this was first counted."""
    user_sitting: Count | None = None
    """How many charts the user had opened within two hours by then; of more than eight, eight."""
    unexplained_share: Share | None = None
    """Usual share of accesses by this role and department that nothing explains."""
    shift_share: Share | None = None
    """Share of the people of this role at work in this part of the day who open charts without a reason then, among
    those and those with one."""
    coverage: Share | None = None
    """Share of all recent accesses that care explains: near 0 where no clinical context arrives."""
    treated_times: Times | None = None
    """Of an access without a reason: how many times as often as those of the curious, accesses without a reason are of
    patients who seem treated as much, by whether any care is known and how many others opened the chart lately."""
    left_s: Seconds | None = None
    """Of an access without a reason, of a look at up to three pages: seconds from the last of them until the user
    opened another chart."""
    left_usual: Share | None = None
    """Share of such looks that are left about as soon."""
    left_late: Share | None = None
    """Share of such looks that are left after more than three minutes."""
    hour_share: Share | None = None
    """Of an access at an hour that is unusual for the user: share of accesses by others of the department or the role,
    whichever is more, that are within two hours of that hour."""
    hour_known: Count | None = None
    """Accesses by these others that were counted here."""
    hour_near: Count | None = None
    """How many of these were within two hours of that hour."""
    hour_long: Share | None = None
    """Of such an access after four charts or more within two hours: the like share of their accesses after so many."""
    hour_part: Count | None = None
    """The key group in which these were counted."""
    role_known: Count | None = None
    """Of an access that hardly anybody of the role makes: accesses of others of the role that were counted here."""
    role_did: Count | None = None
    """How many of these were of the same action and kind of record."""
    role_day: Count | None = None
    """The user's accesses of the day, so far."""
    role_part: Count | None = None
    """The key group in which these were counted."""
    all_share: Share | None = None
    """Share of accesses of the same action and kind among all."""


class ChartAccess(OfChart, AccessReason, EhrAccess):
    """An access to a chart."""


class ChartEncounter(OfChart, Encounter):
    """A visit or stay."""


class ChartAppointment(OfChart, Appointment):
    """A planned visit."""


class ChartOrder(OfChart, Order):
    """Something asked for."""


class ChartCareTeam(OfChart, CareTeam):
    """Who treats the patient together."""


class ChartPractitioner(OfChart, Practitioner):
    """A member of staff; every key group is told."""


class ChartPatient(OfChart, Patient):
    """What relations need of the patient."""


class ChartOrganization(OfChart, Organization):
    """A department; every key group is told."""


class ClaimReason(Wire):
    """What the chart says of a claim; set once the time to wait for it is over."""

    procedures: TextList | None = None
    """Procedure or drug codes of the lines."""
    claim_judged_ts: Timestamp | None = None
    encounter_days: Days | None = None
    """Days between the service and the nearest encounter, appointment or order; unset where there is none."""
    chart_days: Days | None = None
    """Days between the service and the nearest time anybody opened the chart, but for billing and research."""
    encounter_coverage: Share | None = None
    """Share of recent claims with an encounter within a week: near 0 where no encounters arrive."""
    chart_coverage: Share | None = None
    """The same for opened charts."""


class ChartClaim(OfChart, ClaimReason, ClaimBase):
    """A claim without its lines."""


class ChartLeft(OfChart):
    """A user who had looked at up to three pages of this chart has opened another chart."""

    kind: Literal["left"] = "left"
    user: Text | None = None
    opened_ts: Timestamp | None = None
    """When the first of the pages was opened."""
    left_s: Seconds | None = None
    """Since the last of them."""


class Tick(OfChart):
    """Event time of one partition of a topic that feeds this one: nothing earlier is to come from there."""

    kind: Literal["tick"] = "tick"
    lane: Text | None = None
    """Topic and partition, `ehr/2`."""
    lanes: Count | None = None
    """Number of partitions of that topic."""
    idle_s: Seconds | None = None
    """Set where the partition has been read to its end: it does not hold back others."""


ChartEvent = Annotated[
    ChartAccess
    | ChartEncounter
    | ChartAppointment
    | ChartOrder
    | ChartCareTeam
    | ChartPractitioner
    | ChartPatient
    | ChartOrganization
    | ChartClaim
    | ChartLeft
    | Tick,
    Field(discriminator="kind"),
]


class _OfActor(Event):
    KEY: ClassVar[tuple[str, ...]] = ("user", "peers", "provider", "chart", "member_id")

    chart: Text | None = None


class JudgedAccess(_OfActor, AccessReason, EhrAccess):
    """An access that something is to be said about, with the user it belongs to."""


class JudgedClaim(_OfActor, ClaimReason, ClaimBase):
    """A claim with what the chart says of it, with the provider it belongs to."""

    partners: TextList | None = None
    """Other providers who billed for this patient within about six weeks, at most eight."""
    deceased_days: Days | None = None
    """From the day of the patient's death to the first day of service; negative before."""


class JudgedBilling(_OfActor, ClaimReason):
    """A claim in short, together with those of all providers that it is compared with."""

    PATIENT_FIELDS: ClassVar[tuple[str, ...]] = ("patient", "member_id")

    kind: Literal["billing"] = "billing"
    peers: Text | None = None
    """The kind of claim: professional, institutional, pharmacy, other."""
    claim_id: Text | None = None
    provider: Text | None = None
    patient: Text | None = None
    member_id: Text | None = None
    from_ts: Timestamp | None = None
    through_ts: Timestamp | None = None
    total_amount: Amount | None = None


class JudgedMember(_OfActor):
    """A registration or claim in short, together with all that name the same member number."""

    PATIENT_FIELDS: ClassVar[tuple[str, ...]] = ("patient", "member_id", "family_token", "address_token")

    kind: Literal["member"] = "member"
    member_id: Text | None = None
    patient: Text | None = None
    billed: bool | None = None
    """It is a claim."""
    family_token: Text | None = None
    address_token: Text | None = None
    birth_year: Annotated[int, Field(ge=1850, le=2100)] | None = None
    deceased_ts: Timestamp | None = None
    """When a registered person died."""
    from_ts: Timestamp | None = None
    """First day of service of a claim."""
    rendering: Text | None = None
    """Who billed it; as `provider` it would be the key."""


class JudgedTick(_OfActor, Tick):
    """As in `charts`; `chart` only says which key group is meant."""


JudgedEvent = Annotated[
    JudgedAccess | JudgedClaim | JudgedBilling | JudgedMember | JudgedTick, Field(discriminator="kind")
]
