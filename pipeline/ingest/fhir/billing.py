"""Claim and ExplanationOfBenefit to claims. What was not billed (drafts, cancelled, preauthorisations) is
refused.
"""

from typing import Any

from pipeline.ingest.fhir.values import (
    MAX_LIST,
    Json,
    UnreadableError,
    clean,
    code,
    codes,
    moment,
    number,
    obj,
    objs,
    ref_id,
    reference,
    text,
    unique,
    words,
)

_MAX_QUANTITY = 1e9
_UNBILLED_STATUS = frozenset({"cancelled", "draft", "entered-in-error"})
_UNBILLED_USE = frozenset({"preauthorization", "predetermination", "proposed"})
# FHIR's claim-type: what a payer's own codes for the kind of claim stand beside.
_TYPES = frozenset({"institutional", "oral", "pharmacy", "professional", "vision"})
# What was asked for a line, in FHIR's adjudication codes and as payers' systems put it there.
_ASKED = ("submitted", "line_sbmtd_chrg_amt", "rev_cntr_tot_chrg_amt")
# FHIR's claim-careteam-role, most telling first.
_RENDERING = ("performing", "primary", "attending")


def claims(resource: Json) -> list[Json]:
    """A Claim."""
    fields = _common(resource) | {
        "kind": "claim",
        "claim_id": text(resource.get("id")) or text(obj(resource.get("identifier")).get("value")),
        "total_amount": _amount(resource.get("total") or resource.get("totalCost"), "total"),
    }
    return [_with_total(fields)]


def benefits(resource: Json) -> list[Json]:
    """An ExplanationOfBenefit, under the id of the claim it answers; where none is told it is the claim, paid."""
    totals = {code(t.get("category")): t.get("amount") for t in objs(resource.get("total"))}
    payment = obj(resource.get("payment"))
    fields = _common(resource) | {
        "kind": "benefit" if resource.get("claim") else "claim",
        "claim_id": ref_id(resource.get("claim")) or text(resource.get("id")),
        "total_amount": _amount(totals.get("submitted") or resource.get("totalCost"), "total"),
        "paid_amount": _amount(payment.get("amount") or totals.get("benefit"), "payment"),
    }
    return [_with_total(fields)]


def _refuse_unbilled(resource: Json) -> None:
    if text(resource.get("status")) in _UNBILLED_STATUS or text(resource.get("use")) in _UNBILLED_USE:
        raise UnreadableError("the claim was not billed (draft, cancelled, entered in error or asked in advance)")


def _common(resource: Json) -> Json:
    _refuse_unbilled(resource)
    items = objs(resource.get("item"))
    if len(items) > MAX_LIST:
        raise UnreadableError("the claim has more than 1,024 lines")
    lines = [_line(item) for item in items]
    people = _contained(resource)
    start, end = _period(resource, lines)
    created = moment(resource.get("created"), "created")
    ts = start if start is not None else created
    if ts is None:
        raise UnreadableError("the claim has neither a service date nor a creation date")
    insurance = objs(resource.get("insurance") or resource.get("coverage"))
    coverage = obj(next((i for i in insurance if i.get("focal") is True), obj(insurance)).get("coverage"))
    insurer = resource.get("insurer") or resource.get("organization")
    return {
        "ts": ts,
        "claim_type": next((c for c in codes([resource.get("type")]) if c in _TYPES), None)
        or code(resource.get("type")),
        "patient": ref_id(resource.get("patient")),
        "member_id": text(obj(coverage.get("identifier")).get("value")),
        "provider": _party(resource.get("provider") or resource.get("billingProvider"), people),
        "rendering": _rendering(resource, people),
        "facility": _party(resource.get("facility"), people),
        "payer": _party(insurer, people) or words(obj(insurer).get("display")) or words(coverage.get("display")),
        "encounter": next((e for e in (ref_id(item.get("encounter")) for item in items) if e), None),
        "place_of_service": next((p for p in (line.get("place_of_service") for line in lines) if p), None),
        "from_ts": start,
        "through_ts": end,
        "created_ts": created,
        "diagnoses": _diagnoses(resource),
        "lines": lines or None,
    }


def _with_total(fields: Json) -> Json:
    """The sum of the lines where no total is told."""
    if fields["total_amount"] is None:
        amounts = [line["amount"] for line in fields["lines"] or () if "amount" in line]
        fields["total_amount"] = round(sum(amounts), 2) if amounts else None
    return clean(fields)


def _line(item: Json) -> Json:
    quantity = obj(item.get("quantity"))
    count = number(quantity.get("value"), "a line's quantity", 0.0, _MAX_QUANTITY)
    amount = _amount(item.get("net"), "a line's net")
    if amount is None:
        amount = _asked(item)
    if amount is None:
        price = _amount(item.get("unitPrice"), "a line's unit price")
        amount = (
            None if price is None else number(round(price * (1.0 if count is None else count), 2), "a line's price")
        )
    start, end = _serviced(item)
    place = item.get("locationCodeableConcept") or item.get("place")
    return clean(
        {
            "procedure": code(item.get("productOrService")) or code(item.get("service")) or code(item.get("revenue")),
            "modifiers": unique(code(m) for m in objs(item.get("modifier"))),
            "quantity": count,
            "unit": text(quantity.get("code")) or text(quantity.get("unit")),
            "amount": amount,
            "from_ts": start,
            "through_ts": end,
            "place_of_service": code(place),
        }
    )


def _asked(item: Json) -> float | None:
    """What an ExplanationOfBenefit says was asked for a line, among what was decided about it."""
    for part in objs(item.get("adjudication")):
        if any(told.rpartition("/")[2] in _ASKED for told in codes([part.get("category")])):
            return _amount(part.get("amount"), "a line's amount")
    return None


def _serviced(item: Json) -> tuple[float | None, float | None]:
    period = obj(item.get("servicedPeriod"))
    start = moment(item.get("servicedDate") or period.get("start"), "serviced")
    end = moment(item.get("servicedDate") or period.get("end"), "serviced")
    return start, start if end is None else end


def _period(resource: Json, lines: list[Json]) -> tuple[float | None, float | None]:
    """First and last service date: as billed, else as the lines tell."""
    period = obj(resource.get("billablePeriod"))
    start, end = moment(period.get("start"), "billablePeriod"), moment(period.get("end"), "billablePeriod")
    if start is None:
        start = min((line["from_ts"] for line in lines if "from_ts" in line), default=None)
    if end is None:
        end = max((line["through_ts"] for line in lines if "through_ts" in line), default=start)
    return start, end


def _amount(value: Any, name: str) -> float | None:
    """Money, or R5's and DSTU2's spellings of it: the figure; currencies are not mixed within a claim."""
    if type(value) is dict:
        value = value.get("value")
    return number(value, name) if type(value) in (int, float, str) else None


def _contained(resource: Json) -> dict[str, Json]:
    return {str(c.get("id")): c for c in objs(resource.get("contained"))}


def _npi(identifiers: Any) -> str | None:
    for identifier in objs(identifiers):
        if str(identifier.get("system")).endswith("us-npi") or "NPI" in codes(identifier.get("type")):
            return text(identifier.get("value"))
    return None


def _party(value: Any, contained: dict[str, Json]) -> str | None:
    """NPI of a provider where the reference or a contained resource tells it, else the bare id."""
    ident = reference(value)[1]
    return _npi(obj(value).get("identifier")) or _npi(contained.get(ident or "", {}).get("identifier")) or ident


def _rendering(resource: Json, contained: dict[str, Json]) -> str | None:
    members = objs(resource.get("careTeam"))
    ranked = sorted(
        members,
        key=lambda m: next((i for i, role in enumerate(_RENDERING) if role in codes(m.get("role"))), len(_RENDERING)),
    )
    return _party(ranked[0].get("provider"), contained) if ranked else None


def _diagnoses(resource: Json) -> list[str] | None:
    """Codes, the principal diagnosis first; references to Conditions are no codes and are left out."""
    found = objs(resource.get("diagnosis"))
    found.sort(key=lambda d: "principal" not in codes(d.get("type")))
    return unique(code(d.get("diagnosisCodeableConcept") or d.get("diagnosis")) for d in found)
