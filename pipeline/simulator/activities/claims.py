"""Billing: what was done becomes claims some days later, each once, but for those sent again under their number."""

from collections.abc import Iterable

from pipeline.simulator.activities.activity import OfStays
from pipeline.simulator.draws import Weighted
from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.verbs import billing, practice, price_list
from pipeline.simulator.verbs.billing import Bill
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.posts import base_of
from pipeline.simulator.world.stay import Order, Stay

# Days from the end of the service to the claim.
_LAG_S, _LAG_SIGMA, _LONGEST_S = 2.5 * DAY_S, 0.6, 13 * DAY_S
# All claims of a stay and their repetitions follow the first within this time.
_LATEST_S = 20 * DAY_S
# Sent again as it was, or corrected: both keep the number of the claim. Some claims name no encounter.
_AGAIN, _CORRECTED, _NO_ENCOUNTER = 0.015, 0.02, 0.12
_READ, _SEPARATE, _DISPENSED = 0.9, 0.01, 0.6
_TESTS = Weighted(tuple(price_list.LABORATORY), (8, 9, 4, 3, 1))
_IMAGES = Weighted(tuple(price_list.IMAGING), (8, 3, 2, 5))


class Claims(OfStays):
    """Every stay is billed: by who treated, read and tested, and by the house."""

    tail_s = 30 * DAY_S

    def tell(self, s: Scene, stay: Stay) -> None:
        d = s.draws
        ts = stay.end_ts + min(d.lognormal(_LAG_S, _LAG_SIGMA), _LONGEST_S)
        if ts >= s.world.end_ts or ts + _LATEST_S < s.world.start_ts:
            return
        for sent in self._bills(s, stay):
            if d.chance(_NO_ENCOUNTER):
                sent = _anonymous(sent)
            billing.submit(s, ts, sent)
            roll = d.random()
            if roll < _AGAIN + _CORRECTED:
                again = sent if roll < _AGAIN else billing.corrected(s, sent)
                billing.submit(s, ts + d.between(2, 9) * DAY_S, again)
            ts += d.lognormal(0.3 * DAY_S, 1.0)

    def _bills(self, s: Scene, stay: Stay) -> Iterable[Bill]:
        yield billing.bill_of(s, stay, stay.attending, institutional=False)
        if stay.kind in ("inpatient", "emergency"):
            yield billing.bill_of(s, stay, stay.attending, institutional=True)
        if any(order.department == "Anaesthesia" for order in stay.orders):
            yield from self._operation(s, stay)
        drugs = stay.kind != "inpatient" and any(order.department == "Pharmacy" for order in stay.orders)
        if drugs and s.draws.chance(_DISPENSED):
            yield practice.dispensed(s, stay.patient, stay.attending.npi, billing.midnight(stay.start_ts), stay.id)
        done: set[tuple[str, float]] = set()
        for order in stay.orders:
            if order.department in self._SERVED and s.draws.chance(_READ):
                yield self._SERVED[order.department](self, s, stay, order, done)
            elif order.service == "consult":
                who = s.world.roster.pick(s.draws, order.ts, order.department, "physician").npi
                day = billing.midnight(order.ts)
                lines = billing.visit_lines(s, price_list.VISITS, day, who, base_of(order.department))[:1]
                yield billing.bill(s, stay.patient, who, lines, "21", stay.id)

    def _operation(self, s: Scene, stay: Stay) -> Iterable[Bill]:
        d = s.draws
        order = next(o for o in stay.orders if o.department == "Anaesthesia")
        day = billing.midnight(order.ts)
        code = d.pick(list(price_list.OPERATIONS))
        lines = [billing.priced(s, price_list.OPERATIONS, code, day)]
        contained = [part for whole, part, allowed in price_list.CODE_PAIRS if whole == code and allowed == "1"]
        if contained and d.chance(_SEPARATE):
            # Done apart from it, and said so: rare and right.
            lines.append(billing.priced(s, price_list.CONTAINED, contained[0], day, 1.0, "59"))
        yield billing.bill(s, stay.patient, stay.attending.npi, tuple(lines), "21", stay.id)
        who = s.world.roster.pick(d, order.ts, "Anaesthesia", "anaesthetist")
        asleep = billing.priced(
            s, price_list.ANAESTHESIA, d.pick(list(price_list.ANAESTHESIA)), day, float(d.whole(45, 240)), unit="MJ"
        )
        yield billing.bill(s, stay.patient, who.npi, (asleep,), "21", stay.id)

    def _images(self, s: Scene, stay: Stay, order: Order, done: set[tuple[str, float]]) -> Bill:
        who = s.world.roster.pick(s.draws, order.ts, "Radiology", "radiologist")
        code, day = _IMAGES.pick(s.draws), billing.midnight(order.ts)
        again = ("26", "76") if (code, day) in done else ("26",)
        done.add((code, day))
        line = billing.priced(s, price_list.IMAGING, code, day, 1.0, *again)
        return billing.bill(s, stay.patient, who.npi, (line,), "22", stay.id)

    def _tests(self, s: Scene, stay: Stay, order: Order, done: set[tuple[str, float]]) -> Bill:
        codes = dict.fromkeys(_TESTS.pick(s.draws) for _ in range(s.draws.whole(1, 3)))
        day = billing.midnight(order.ts)
        # A test repeated on the same day says so (modifier 91).
        lines = tuple(
            billing.priced(s, price_list.LABORATORY, code, day, 1.0, *(("91",) if (code, day) in done else ()))
            for code in codes
        )
        done.update((code, day) for code in codes)
        who = s.world.roster.pick(s.draws, order.ts, "Laboratory", "pathologist")
        return billing.bill(s, stay.patient, who.npi, lines, "22", stay.id)

    _SERVED = {"Radiology": _images, "Laboratory": _tests}


def _anonymous(sent: Bill) -> Bill:
    return Bill(sent.patient, sent.provider, sent.rendering, sent.kind, sent.lines, sent.diagnoses, sent.place, None,
                sent.claim_id)  # fmt: skip
