"""Claims as they leave the house (X12 837, a batch a day) and as the county's plan lists what it was sent (CSV)."""

import csv
from collections import defaultdict
from pathlib import Path

from benchmarks.quality.county.audit import stamp
from benchmarks.quality.county.billing import Billing
from benchmarks.quality.county.claim import HOUSE_NPI, Claim
from benchmarks.quality.county.people import BEGIN, DAY

_DAY = "%Y%m%d"


def write(billing: Billing, folder: Path) -> list[Path]:
    """Batches of professional and institutional claims; lines and fills that the plan knows."""
    end = billing.house.end
    batches = defaultdict[tuple[int, bool], list[Claim]](list)
    for claim in billing.claims:
        if claim.to == "x12" and BEGIN - 20 * DAY <= claim.sent < end:
            batches[int(claim.sent // DAY), claim.facility].append(claim)
    paths = [_batch(folder, day, facility, claims) for (day, facility), claims in sorted(batches.items())]
    plan = [c for c in billing.claims if c.to == "plan" and c.sent < end]
    return [*paths, _plan(folder / "plan_claims.csv", plan), _fills(billing, folder / "plan_pharmacy.csv")]


def _batch(folder: Path, day: int, facility: bool, claims: list[Claim]) -> Path:
    date, guide = stamp(day * DAY, _DAY), "005010X223A2" if facility else "005010X222A1"
    number = f"{day % 10**6:09d}"
    parts = [
        f"ISA*00*          *00*          *ZZ*COUNTYGENERAL  *ZZ*CLEARINGHOUSE  *{date[2:]}*2200*^*00501*{number}*0*P*:",
        f"GS*HC*COUNTYGENERAL*CLEARINGHOUSE*{date}*2200*1*X*{guide}",
        f"ST*837*0001*{guide}",
        f"BHT*0019*00*B{number}*{date}*2200*CH",
        "NM1*41*2*COUNTY GENERAL HOSPITAL*****46*37-0001",
        "PER*IC*BILLING*TE*3095550100",
        "NM1*40*2*CLEARINGHOUSE*****46*CH01",
        "HL*1**20*1",
        f"NM1*85*2*COUNTY GENERAL HOSPITAL*****XX*{HOUSE_NPI}",
        "N3*1 HOSPITAL DR",
        "N4*MARLOW*IL*614010001",
        "REF*EI*370000001",
    ]
    level = 1
    for claim in claims:
        level = _patient(parts, claim, level)
        _claim(parts, claim)
    parts += [f"SE*{len(parts) - 1}*0001", "GE*1*1", f"IEA*1*{number}"]
    path = folder / f"837{'I' if facility else 'P'}_{date}.x12"
    path.write_text("~\n".join(parts) + "~\n")
    return path


def _patient(parts: list[str], claim: Claim, level: int) -> int:
    """Subscriber, and the patient where somebody else is insured."""
    who, number = claim.person, claim.member or claim.person.member
    born, sex = stamp(claim.born or who.born.timestamp(), _DAY), claim.sex or who.sex
    level += 1
    dependent = who.dependant > 0
    mine = f"{level}*1*22*{int(dependent)}"
    parts += [f"HL*{mine}", f"SBR*P*{'' if dependent else '18'}*******CI"]
    if dependent:
        parts += [
            f"NM1*IL*1*{who.last.upper()}*FAMILY****MI*{number}",
            f"NM1*PR*2*{who.payer}*****PI*{who.payer[:2]}01",
        ]
        parts += [f"HL*{level + 1}*{level}*23*0", "PAT*19", f"NM1*QC*1*{who.last.upper()}*{who.first.upper()}"]
        level += 1
    else:
        parts.append(f"NM1*IL*1*{who.last.upper()}*{who.first.upper()}****MI*{number}")
    parts += [f"N3*{who.street.upper()}", f"N4*{who.town.upper()}*IL*{who.postcode}", f"DMG*D8*{born}*{sex}"]
    if not dependent:
        parts.append(f"NM1*PR*2*{who.payer}*****PI*{who.payer[:2]}01")
    return level


def _claim(parts: list[str], claim: Claim) -> None:
    total, day = sum(line.amount for line in claim.lines), stamp(claim.day, _DAY)
    kind = f"{'11' if claim.place == '21' else '13'}:A:1" if claim.facility else f"{claim.place}:B:1"
    parts.append(f"CLM*{claim.number}*{total:g}***{kind}*{'' if claim.facility else 'Y'}*A*Y*Y")
    if claim.facility:
        parts.append(f"DTP*434*RD8*{day}-{stamp(claim.through or claim.day, _DAY)}")
        parts.append(f"DTP*435*DT*{stamp(claim.day, '%Y%m%d%H%M')}")
    parts += [f"REF*EA*{claim.person.mrn}", f"HI*ABK:{claim.diagnosis}"]
    parts.append(f"NM1*{'71' if claim.facility else '82'}*1*PROVIDER*****XX*{claim.rendering}")
    for k, line in enumerate(claim.lines, 1):
        parts.append(f"LX*{k}")
        if claim.facility:
            parts.append(f"SV2*{line.code}**{line.amount:g}*UN*{line.quantity:g}")
            continue
        code = f"HC:{line.code}" + (f":{line.modifier}" if line.modifier else "")
        parts += [f"SV1*{code}*{line.amount:g}*{line.unit}*{line.quantity:g}***1", f"DTP*472*D8*{day}"]


def _plan(path: Path, claims: list[Claim]) -> Path:
    """A row a line."""
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            [
                "Claim Number",
                "Line Number",
                "Received Date",
                "Member ID",
                "Person Code",
                "Patient DOB",
                "Patient Sex",
                "Billing Provider NPI",
                "Rendering Provider NPI",
                "Referring Provider NPI",
                "Place of Service",
                "Service From Date",
                "Service To Date",
                "Procedure Code",
                "Modifier",
                "Units",
                "Diagnosis Code",
                "Charge Amount",
                "Paid Amount",
            ]
        )
        for claim in sorted(claims, key=lambda c: c.sent):
            who, day = claim.person, stamp(claim.day, "%m/%d/%Y")
            born = stamp(claim.born or who.born.timestamp(), "%m/%d/%Y")
            out.writerows(
                (
                    claim.number,
                    k,
                    stamp(claim.sent, "%m/%d/%Y"),
                    claim.member or who.member,
                    f"{who.dependant + 1:02d}",
                    born,
                    claim.sex or who.sex,
                    claim.billing,
                    claim.rendering,
                    claim.referring,
                    claim.place,
                    day,
                    day,
                    line.code,
                    line.modifier,
                    f"{line.quantity:g}",
                    claim.diagnosis,
                    f"{line.amount:.2f}",
                    f"{0.8 * line.amount:.2f}",
                )
                for k, line in enumerate(claim.lines, 1)
            )
    return path


def _fills(billing: Billing, path: Path) -> Path:
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            [
                "Claim Number",
                "Fill Date",
                "Member ID",
                "Person Code",
                "Pharmacy NPI",
                "Prescriber NPI",
                "NDC",
                "Drug Name",
                "Days Supply",
                "Paid Amount",
            ]
        )
        for fill in sorted(billing.fills, key=lambda f: f.ts):
            if fill.ts < billing.house.end:
                who = fill.person
                out.writerow(
                    (
                        fill.number,
                        stamp(fill.ts, "%m/%d/%Y"),
                        who.member,
                        f"{who.dependant + 1:02d}",
                        fill.pharmacy,
                        fill.prescriber,
                        *fill.drug,
                        fill.days,
                        "12.40",
                    )
                )
    return path
