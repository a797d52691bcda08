"""What the columns of record systems' and payers' tables are called, and which kind of table has which.

Names are compared without case, blanks, signs and accents. They are those of access reports of record systems, of
the claim files of Medicare (RIF, DE-SynPUF), of the OMOP common data model, and what people call them, in English and
in the languages of `tongues`.
"""

import re
from dataclasses import dataclass, field

from pipeline.ingest.accesses import tongues
from pipeline.ingest.tables import first_of, plain_name
from pipeline.ingest.told.roles import meaning

_IS_OWN = "id"
_NUMBERED = re.compile(r"(.*?)(\d+)\Z")

_PATIENT = (
    "patientid patient patid patmrnid patmrn patientmrn mrn medicalrecordnumber chartid personid "
    "desynpufid beneid beneficiaryid patientkey patientno patientnumber patno patientguid personkey"
)
_SUBJECT = f"{_PATIENT} subjectid"
"""Research databases' name of a patient, and of an account in audit trails of identity providers."""
_SEX = "sex gender genderconceptid benesexidentcd sexidentcd patientsex patientgender"
_BORN = "dob birthdate dateofbirth benebirthdt yearofbirth birthyear patientdob dobdt"
_HOME = {
    "family": f"lastname surname familyname last {tongues.FAMILY}",
    "street": f"streetaddress addressline1 address1 address street {tongues.STREET}",
    "postal": f"postalcode zipcode zip postcode {tongues.POSTAL}",
}
_WHO = {"patient": tongues.PATIENT, "birth": tongues.BORN, "sex": tongues.SEX}
_MEMBER = "memberid subscriberid memberno membernumber"
_DEPENDANT = "personcode dependentcode dependentnumber dependantnumber membersuffix memberpersoncode"
"""Who of a family that has one member number."""


def _in_all(english: dict[str, str], others: dict[str, str]) -> dict[str, str]:
    """Both, the English names first; a name that means something in English means nothing else."""
    known = frozenset(word for told in english.values() for word in told.split())
    more = {
        name: " ".join(word for word in told.split() if word not in known)
        for name, told in others.items()
        if name in english
    }
    return {name: f"{told} {more.get(name, '')}" for name, told in english.items()}


ACCESS = _in_all({
    "ts": (
        "accesstime accessinstant accessdatetime accesstimestamp actiontime actiondatetime audittime "
        "auditdatetime eventtime eventdatetime eventtimestamp timestamp datetime accessdate eventdate date "
        "time"
    ),
    "day": "accessdate actiondate auditdate eventdate date",
    "clock": "accesstime actiontime audittime eventtime time",
    "user": (
        "userid user loginid userlogin login loginname employeeid empid staffid accessedby useraccount username "
        "participant participantid prsnlid"
    ),
    "user_name": "userfullname employeename staffname username",
    "patient": _PATIENT,
    "action": (
        "action actiontype act activity accessaction accesstype event eventtype eventname operation "
        "metricname actiondescription actioncd actioncode"
    ),
    "role": (
        "role userrole jobtitle jobrole title position usertype employeerole employeetitle staffrole usertemplate "
        "securitytemplate"
    ),
    "department": (
        "department dept userdepartment userdept departmentname logindepartment departmentid employeedepartment "
        "staffdepartment unit"
    ),
    "workstation": "workstation workstationid computer computername terminal device deviceid clientname hostname",
    "src_ip": "ip ipaddress clientip sourceip",
    "resource": (
        "recordtype resource resourcetype documenttype module modulename screen report object activityname activity"
    ),
    "purpose": "purpose purposeofuse reason accessreason btgreason breakglassreason breaktheglassreason",
    "break_glass": "btg breakglass breaktheglass emergencyaccess",
    "outcome": "outcome result success status",
    "encounter": "encounterid csn patenccsnid visitid encounter",
    "site": "site facility facilityname hospital",
    "application": "application app applicationname system systemname",
    "records": "records recordcount numberofrecords rowcount pages pagesprinted",
}, tongues.ACCESS | _WHO)  # fmt: skip
CLAIM = _in_all({
    "claim_id": "clmid claimid claimno claimnumber clmno icn claimcontrolnumber",
    "patient": _SUBJECT,
    "member_id": _MEMBER,
    "dependant": _DEPENDANT,
    "drug": "drugname drugdescription medicationname labelname",
    "filled": "filldate datefilled dispensedate dayssupply",
    "provider": (
        "orgnpinum orgnpi billingprovider billingproviderid billingprovidernpi billingnpi prvdrnum provider "
        "providerid providernpi npi prfphysnnpi1 taxnum1 taxnum pharmacynpi pharmacyid ncpdpid pharmacy"
    ),
    "rendering": (
        "rndrngphysnnpi atphysnnpi attendingphysician renderingprovider renderingproviderid "
        "renderingprovidernpi renderingnpi attendingnpi prfphysnnpi prfphysnnpi1 prescribernpi prescriberid prescriber"
    ),
    "from_ts": (
        "clmfromdt claimstartdt claimfromdate servicefromdate servicestartdate servicedate dateofservice dos "
        "fromdate startdate servicefrom servicestart line1stexpnsdt filldate datefilled dispensedate claimdate"
    ),
    "through_ts": (
        "clmthrudt claimenddt claimthrudate servicetodate serviceto serviceend serviceenddate "
        "throughdate thrudate todate enddate"
    ),
    "created_ts": "submissiondate submitteddate clmsubmissiondate receiveddate claimdate",
    "total_amount": (
        "clmtotchrgamt claimamount totalclaimcost totalcharge totalcharges totalamount billedamount "
        "chargeamount chargedamount amount"
    ),
    "paid_amount": "clmpmtamt paidamount amountpaid inscclaimamtreimbursed",
    "place_of_service": "placeofservice pos lineplaceofsrvccd",
    "claim_type": "claimtype",
    "admitted": "clmadmsndt admissiondt admissiondate admitdate",
    "line": "clmlinenum lineno linenumber linenum claimlinenumber claimline chargeid",
    "transaction": "transactiontype type",
    "payer": "payer payerid payor",
    "birth": _BORN,
    "sex": _SEX,
    "quantity": "quantity units linesrvccnt srvccnt",
}, tongues.CLAIM | _WHO)  # fmt: skip
VISIT = _in_all({
    "encounter": "visitoccurrenceid encounterid visitid csn patenccsnid visitnumber hadmid",
    "patient": _SUBJECT,
    "start_ts": (
        "visitstartdatetime visitstartdate admitdatetime admissiondatetime admittime admitdate admissiondate "
        "encounterdatetime encounterdate arrivaldatetime arrivaltime starttime startdatetime startdate start"
    ),
    "end_ts": (
        "visitenddatetime visitenddate dischargedatetime dischargetime dischargedate dischtime endtime "
        "enddatetime enddate stop"
    ),
    "practitioner": (
        "providerid attendingproviderid attendingprovidernpi attendingnpi attendingphysicianid attendingprovider "
        "attendingphysician attending provider practitioner doctorid admitproviderid"
    ),
    "department": "caresiteid department departmentid departmentname unit ward clinic",
    "service": "encounterclass encountertype visittype visitconceptid admissiontype service",
}, tongues.VISIT | _WHO)  # fmt: skip
PERSON = _in_all({
    "patient": _SUBJECT,
    "member_id": _MEMBER,
    "birth": _BORN,
    "practitioner": "pcpproviderid pcpid pcpnpi primarycareproviderid primarycareprovidernpi pcp primarycareprovider",
    "deceased_ts": "dod deathdate dateofdeath benedeathdt deathdatetime deceaseddate",
    "sex": _SEX,
    **_HOME,
}, tongues.PERSON | _WHO)  # fmt: skip
STAFF = _in_all({
    "practitioner": (
        "employeeid empid staffid employeenumber staffnumber personnelnumber practitionerid userid user loginid "
        "username useraccount samaccountname npi"
    ),
    "login": "samaccountname loginid userlogin login loginname username useraccount userid userprincipalname",
    "provider": "providerid providernumber doctorid doctornumber physicianid",
    "npi": "npi npinumber nationalprovideridentifier",
    "patient": "linkedpatientmrn linkedpatientid linkedpatient linkedmrn patientlink employeemrn ownmrn",
    "role": ACCESS["role"],
    "department": ACCESS["department"],
    "name": "fullname displayname employeename staffname name userfullname",
    "start_ts": "hiredate datehired startdate employmentstart",
    "end_ts": "terminationdate dateterminated enddate leavedate lastday employmentend",
    "status": "employmentstatus status active enabled",
    **_HOME,
}, tongues.STAFF)  # fmt: skip


def _apiece(told: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(words.split()) for name, words in told.items()}


_KINDS: tuple[tuple[str, dict[str, tuple[str, ...]], tuple[str, ...], tuple[tuple[str, ...], ...]], ...] = (
    ("access", _apiece(ACCESS), ("ts", "user", "patient"), (("action", "workstation", "resource"),)),
    ("claim", _apiece(CLAIM), ("claim_id", "from_ts"), (("patient", "member_id"), ("provider", "rendering"))),
    ("encounter", _apiece(VISIT), ("encounter", "patient", "start_ts"), ()),
    ("patient", _apiece(PERSON), ("patient", "birth"), (("sex", "deceased_ts"),)),
    (
        "practitioner", _apiece(STAFF), ("practitioner",),
        (("role", "department"), ("name", "family", "start_ts", "status")),
    ),
)  # fmt: skip
"""Kind of table, its columns, those it must have, and groups of which it must have one, the most telling kind first."""
_TELLS_OTHERWISE = frozenset(
    f"{ACCESS['ts']} {ACCESS['action']} {_SUBJECT} {tongues.PATIENT} amount ts t asctime message msg severity host"
    " hostname".split()
)
_OF_A_LOG = frozenset(("source.ip", "destination.ip", "source.port", "destination.port"))
_OF_A_PERSON = re.compile(r"start|begin|creat|updat|modif", re.IGNORECASE)
"""Times that directories keep of whom they list: when somebody began, when the entry was made."""
_OWN_ID = {"claim": ("claim_id", ""), "encounter": ("encounter", "service"), "patient": ("patient", "sex")}
"""What a column called `Id` is, and what the table has to have beside it to be of that kind; a claim has codes."""
# Numbered columns, as many as there are: what they hold.
_LISTS = {
    "diagnoses": re.compile(
        r"(?:(?:princ|admtg|line)?icd(?:9|10)?dgnscd|(?:clm)?diagnosiscode|diagnosis|diag|dx|icd10?"
        r"|diagnose|icdcode|diagnostic|diagnostico|cim10|cie10|diagnos|diagnosi)\d*\Z"
    ),
    "procedures": re.compile(
        r"(?:hcpcscd|icd(?:9|10)?prcdrcd|(?:clm)?procedurecode|procedure|cptcode|cpt|hcpcs|proccode|proc|revcntr|ndc"
        r"|gop|goa|ebm|ops|opscode|ziffer|gebuhrenziffer|ccam|codeacte|acte|prestatiecode|codigoprestacion)\d*\Z"
    ),
    "modifiers": re.compile(r"(?:hcpcs(?:1st|2nd|3rd|4th)mdfrcd|modifiercode|modifier|mod|cptmodifier|mdfrcd)\d*\Z"),
    "amounts": re.compile(r"(?:lineamount|linecharge|linenchpmtamt|linesbmtdchrgamt|revcntrtotchrgamt)\d*\Z"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RecordColumns:
    """Which column of a table is which field."""

    kind: str
    places: dict[str, str]
    lists: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """`diagnoses`, `procedures`, `modifiers`, `amounts` → (number in its name, column)."""


def record_columns(names: list[str]) -> RecordColumns | None:
    """What a table with these columns holds; None where it is none of ours."""
    by_plain = {plain_name(name): name for name in reversed(names)}
    for kind, columns, needed, groups in _KINDS:
        places = first_of(by_plain, columns)
        listed = _listed(names) if kind == "claim" else {}
        if _IS_OWN in by_plain and kind in _OWN_ID:
            own, beside = _OWN_ID[kind]
            if beside in places or (listed and (listed["procedures"] or listed["diagnoses"])):
                places.setdefault(own, by_plain[_IS_OWN])
        told_apart = places.get("user") != places.get("patient") or "user" not in places
        if kind == "practitioner" and (not _TELLS_OTHERWISE.isdisjoint(by_plain) or any(map(_of_a_log, names))):
            return None
        if told_apart and all(n in places for n in needed) and all(any(n in places for n in group) for group in groups):
            return RecordColumns(kind, _apart(places), listed)
    return None


def _of_a_log(name: str) -> bool:
    """A list of staff has no column of moments, acts, messages, addresses, severities or patients."""
    role, _ = meaning(name) or ("", 0)
    return role in _OF_A_LOG or (role == "@timestamp" and not _OF_A_PERSON.search(name))


def _apart(places: dict[str, str]) -> dict[str, str]:
    """A day or clock of its own, or a second name, only where it is another column than the time or the account."""
    same = (
        ("day", "ts"), ("clock", "ts"), ("user_name", "user"), ("rendering", "provider"), ("resource", "action"),
    )  # fmt: skip
    return {k: v for k, v in places.items() if not any(k == one and v == places.get(other) for one, other in same)}


def _listed(names: list[str]) -> dict[str, list[tuple[str, str]]]:
    out: dict[str, list[tuple[str, str]]] = {name: [] for name in _LISTS}
    for name in names:
        plain = plain_name(name)
        for target, pattern in _LISTS.items():
            if pattern.match(plain):
                numbered = _NUMBERED.match(plain)
                out[target].append((numbered[2] if numbered else "", name))
                break
    return out
