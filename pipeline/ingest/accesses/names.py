"""What the columns of record systems' and payers' tables are called.

Names are compared without case, blanks, signs, small words and accents. They are those of access reports of record
systems, of the claim files of Medicare (RIF, DE-SynPUF), of the OMOP, PCORnet and i2b2 data models and of MIMIC, and
what people call them, in English and in the languages of `tongues`.
"""

from pipeline.ingest.accesses import tongues

_PATIENT = (
    "patientid patid patmrnid patmrn patientmrn mrn medicalrecordnumber unitnumber chartid personid "
    "desynpufid beneid beneficiaryid patientkey patientno patientnumber patientnum patno patientguid personkey "
    "trackedentity trackedentityinstance ehrid ehridvalue nhsnumber patient"
)
"""Numbers first: a column that is only called patient may hold the name."""
SUBJECT = f"{_PATIENT} subjectid"
"""Research databases' name of a patient, and of an account in audit trails of identity providers."""
_SEX = "sex gender genderconceptid benesexidentcd sexidentcd sexcd patientsex patientgender"
_BORN = "dob birthdate dateofbirth benebirthdt yearofbirth birthyear patientdob dobdt anchoryear"
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
        "time udate"
    ),
    "day": "accessdate actiondate auditdate eventdate date udate",
    "clock": "accesstime actiontime audittime eventtime time utime",
    "user": (
        "userid loginid userlogin login loginname userident employeeid empid staffid useraccount accessedby user "
        "username participant participantid prsnlid committer uname"
    ),
    "user_name": "userfullname employeename staffname username benutzername nomutilisateur nombreusuario",
    "patient": _PATIENT,
    "action": (
        "action actiontype act activity accessaction accesstype event eventtype eventname operation "
        "metricname actiondescription actioncd actioncode"
    ),
    "role": (
        "role userrole jobtitle jobrole title position usertype employeerole employeetitle staffrole usertemplate "
        "securitytemplate usertitle staffjobrole"
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
    "site": "site facility facilityid facilityname hospital",
    "application": "application applicationid app applicationname system systemname systemid",
    "records": "records recordcount numberofrecords rowcount pages pagesprinted",
}, tongues.ACCESS | _WHO)  # fmt: skip
CLAIM = _in_all({
    "claim_id": "clmid claimid claimno claimnumber clmno icn claimcontrolnumber pdeid prescriptionid rxnumber",
    "patient": SUBJECT,
    "member_id": _MEMBER,
    "dependant": _DEPENDANT,
    "drug": "drugname drugdescription medicationname labelname prodsrvcid",
    "filled": "filldate datefilled dispensedate dayssupply dayssuplynum",
    "provider": (
        "orgnpinum orgnpi billingprovider billingproviderid billingprovidernpi billingnpi prvdrnum provider "
        "providerid providernpi npi prfphysnnpi1 taxnum1 pharmacynpi pharmacyid ncpdpid pharmacy srvcprvdrid"
    ),
    "rendering": (
        "rndrngphysnnpi atphysnnpi attendingphysician renderingprovider renderingproviderid "
        "renderingprovidernpi renderingnpi attendingnpi prfphysnnpi prfphysnnpi1 prescribernpi prescriberid prescriber "
        "prscrbrid"
    ),
    "from_ts": (
        "clmfromdt claimstartdt claimfromdate servicefromdate servicestartdate servicedate dateofservice dos "
        "fromdate startdate servicefrom servicestart line1stexpnsdt filldate datefilled dispensedate srvcdt claimdate"
    ),
    "through_ts": (
        "clmthrudt claimenddt claimthrudate servicetodate serviceto serviceend serviceenddate "
        "throughdate thrudate todate enddate"
    ),
    "created_ts": "submissiondate submitteddate clmsubmissiondate receiveddate claimdate",
    "total_amount": (
        "clmtotchrgamt nchcarrclmsbmtdchrgamt claimamount totalclaimcost totalcharge totalcharges totalamount "
        "totrxcstamt billedamount chargeamount chargedamount amount"
    ),
    "paid_amount": "clmpmtamt paidamount amountpaid inscclaimamtreimbursed",
    "place_of_service": "placeofservice pos lineplaceofsrvccd",
    "claim_type": "claimtype",
    "admitted": "clmadmsndt admissiondt admissiondate admitdate",
    "line": "clmlinenum linenum lineno linenumber claimlinenumber claimline chargeid",
    "transaction": "transactiontype type",
    "payer": "payer payerid payor",
    "birth": _BORN,
    "sex": _SEX,
    "quantity": "quantity units linesrvccnt srvccnt qtydspnsdnum revcntrunitcnt",
}, tongues.CLAIM | _WHO)  # fmt: skip
VISIT = _in_all({
    "encounter": (
        "visitoccurrenceid encounterid visitid csn patenccsnid visitnumber hadmid stayid encounternum encntrid"
    ),
    "patient": SUBJECT,
    "start_ts": (
        "visitstartdatetime visitstartdate admitdatetime admissiondatetime admittime admitdate admissiondate "
        "encounterdatetime encounterdate arrivaldatetime arrivaltime visitdetailstartdatetime visitdetailstartdate "
        "intime transfertime starttime startdatetime startdate start"
    ),
    "end_ts": (
        "visitenddatetime visitenddate dischargedatetime dischargetime dischargedate dischtime "
        "visitdetailenddatetime visitdetailenddate outtime endtime enddatetime enddate stop"
    ),
    "practitioner": (
        "providerid attendingproviderid attendingprovidernpi attendingnpi attendingphysicianid attendingprovider "
        "attendingphysician attending provider practitioner doctorid admitproviderid"
    ),
    "department": (
        "caresiteid department departmentid departmentname careunit firstcareunit unit ward clinic locationcd "
        "currservice facilityid"
    ),
    "service": "encounterclass encountertype visittype visitconceptid admissiontype enctype eventtype inoutcd service",
}, tongues.VISIT | _WHO)  # fmt: skip
PERSON = _in_all({
    "patient": SUBJECT,
    "member_id": _MEMBER,
    "birth": _BORN,
    "practitioner": "pcpproviderid pcpid pcpnpi primarycareproviderid primarycareprovidernpi pcp primarycareprovider",
    "deceased_ts": "dod deathdate dateofdeath benedeathdt deathdt deathdatetime deceaseddate",
    "age": "anchorage",
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
    "npi": "npi npinumber nationalprovideridentifier providernpi",
    "patient": "linkedpatientmrn linkedpatientid linkedpatient linkedmrn patientlink employeemrn ownmrn",
    "role": (
        f"{ACCESS['role']} specialty speciality specialtysourcevalue specialtyconceptid providerspecialty"
        " providerspecialtyprimary"
    ),
    "department": f"{ACCESS['department']} caresiteid organization",
    "name": "fullname displayname employeename staffname name userfullname providername namechar",
    "start_ts": "hiredate datehired startdate employmentstart",
    "end_ts": "terminationdate dateterminated enddate leavedate lastday employmentend",
    "status": "employmentstatus status active enabled",
    **_HOME,
}, tongues.STAFF)  # fmt: skip


ORDER = _in_all({
    "ts": (
        "orderdatetime ordertime orderdate orderinst ordered orderedon authoredon charttime chartdate notedatetime "
        "notedate drugexposurestartdatetime drugexposurestartdate proceduredatetime proceduredate pxdate "
        "rxorderdate measurementdatetime measurementdate observationdatetime observationdate conditionstartdatetime "
        "conditionstartdate dxdate starttime startdatetime startdate"
    ),
    "end_ts": "stoptime stopdatetime",
    "patient": SUBJECT,
    "practitioner": (
        "orderproviderid orderingproviderid orderingprovider enterproviderid rxproviderid caregiverid cgid providerid "
        "orderedby enteredby performedby authorid"
    ),
    "resource_id": (
        "orderid noteid emarid poeid labeventid prescribingid proceduresid diagnosisid drugexposureid"
    ),
    "telling": "charttime chartdate conceptcd",
    "service": (
        "ordertype orderdescription drug medication notetitle drugconceptid procedureconceptid measurementconceptid px "
        "itemid conceptcd category description"
    ),
    "encounter": VISIT["encounter"],
    "department": "locationcd orderingdepartment performingdepartment careunit",
    "status": "orderstatus status",
}, {"encounter": tongues.VISIT["encounter"]} | _WHO)  # fmt: skip
"""What was ordered, given, done or written, and by whom."""
APPOINTMENT = _in_all({
    "resource_id": "appointmentid apptid bookingid termin terminnummer terminid",
    "patient": _PATIENT,
    "start_ts": "appointmentdatetime appointmenttime appointmentdate scheduledtime scheduleddatetime termindatum",
    "ts": "bookedon bookedat createdat",
    "practitioner": VISIT["practitioner"],
    "department": VISIT["department"],
    "service": "appointmenttype visittype reason",
    "status": "appointmentstatus status",
}, tongues.VISIT | _WHO)  # fmt: skip
