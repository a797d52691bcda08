"""The clinical-safety gate: no machine that a life may depend on is taken off the network by itself.

It never makes an action harsher, and every replacement says why. Where it is not sure it takes the careful choice.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.response.addresses import Address, address_of, is_internal
from pipeline.response.kinds import KINDS
from pipeline.response.options import ResponseOptions
from schemas.brief import Brief
from schemas.incident import PERSONAL, Party

CRITICAL = 5
PERSON_APPROVALS = 2
_LIFE = re.compile(
    r"infusion|pump|ventilat|respirat|an(a)?esthe|monitor|telemetry|vital|bedside|defib|dialys|incubator|ecmo|heart.?lung"
    r"|pacer|medical|life|surg|syringe",
    re.IGNORECASE,
)
"""Device classes on which a patient may hang; `medical` is what the inventory calls a device it cannot place."""
_CLINICAL = re.compile(
    r"pacs|\bvna\b|clinical|\bris\b|\blis\b|\behr\b|\bemr\b|hl7|interface engine|imaging|modality|analy[sz]er"
    r"|\becg\b|\bekg\b"
    r"|\bct\b|\bmri?\b|x.?ray|ultraso|radiolog|laborator|dispens|nurse call|central station",
    re.IGNORECASE,
)
"""Machines and servers that care waits for, though nobody hangs on them."""
_UNKNOWN = ("", "unknown")
_ACCOUNT = ("disable_account", "rotate_credential")


@dataclass(frozen=True, slots=True)
class Choice:
    """What is done in the end."""

    action: str
    """Empty: nothing."""
    why: str
    """Why not what was asked for; empty when it is."""
    alert_biomed: bool = False


class Gate:
    """Decides by the inventory's words on a party, and by its neighbours where there are none."""

    def __init__(self, options: ResponseOptions) -> None:
        self._life_step = options.life_support_step
        self._networks = [ipaddress.ip_network(n, strict=False) for n in options.clinical_networks]

    def choose(self, action: str, party: Party, brief: Brief) -> Choice:
        """The action itself, or the least harmful one that still contains."""
        kind = KINDS[action]
        if action in _ACCOUNT and (party.life_support or party.criticality >= CRITICAL):
            return Choice(action, f"clinical systems may depend on the account {party.value}: ask those who run them")
        machine = party.type not in PERSONAL and party.type != "domain"
        if not machine or not (kind.cuts or kind.name == "snapshot") or self._foreign(party):
            return Choice(action, "")
        life, because = self._life(party, brief)
        if life and kind.name == "snapshot":
            return Choice("", f"no snapshot of {party.value}: {because}, and it may stall")
        if life:
            gentler = self._life_step if action == "isolate_host" else "watch_closely"
            # Asked for the gentler step already: it stands, with a word to those who know the machine.
            if action == self._life_step:
                gentler = action
            return Choice(gentler, self._reason(action, gentler, party, because), alert_biomed=True)
        clinical = self._clinical(party, brief)
        if clinical and kind.cuts and action != "segment_host":
            return Choice("segment_host", self._reason(action, "segment_host", party, clinical), alert_biomed=True)
        return Choice(action, "")

    def forbids(self, action: str, party: Party | None, brief: Brief | None) -> str:
        """Why an action that was chosen earlier may not be done now; empty when it may."""
        kind = KINDS[action]
        if not (kind.cuts or action == "snapshot"):
            return ""
        if party is None or brief is None:
            return "nothing is known of it any more, and a life may depend on it"
        choice = self.choose(action, party, brief)
        return "" if choice.action == action else choice.why

    @staticmethod
    def approvals(action: str, target_type: str) -> int:
        """How many people have to agree whatever a playbook says."""
        return PERSON_APPROVALS if target_type in PERSONAL and not KINDS[action].tells else 0

    @staticmethod
    def _reason(action: str, gentler: str, party: Party, because: str) -> str:
        if action == gentler:
            return f"biomedical engineering is told: {because}"
        asked, instead = action.replace("_", " "), gentler.replace("_", " ")
        return f"{instead} instead of {asked}: {because}, and is never cut off by itself"[:500]

    def _foreign(self, party: Party) -> bool:
        """An address on the internet of which the inventory knows nothing."""
        address = address_of(party.value)
        known = party.name or party.life_support or party.device_class not in _UNKNOWN or party.criticality >= CRITICAL
        return address is not None and not known and not is_internal(address) and not self._clinical_network(address)

    def _clinical_network(self, address: Address) -> bool:
        return any(address in network for network in self._networks)

    def _life(self, party: Party, brief: Brief) -> tuple[bool, str]:
        for one in _same_machine(party, brief):
            who = party.value if one.value == party.value else f"{party.value} ({one.value})"
            if one.life_support:
                return True, f"a life may depend on {who}"
            if _LIFE.search(one.device_class):
                return True, f"{who} is a {_word(one.device_class)}"
        if all(p.device_class in _UNKNOWN for p in _same_machine(party, brief)):
            place = self._clinical_place(party, brief)
            if place:
                return True, f"nobody knows what {party.value} is, and it stands {place}"
        return False, ""

    @staticmethod
    def _clinical(party: Party, brief: Brief) -> str:
        for one in _same_machine(party, brief):
            who = party.value if one.value == party.value else f"{party.value} ({one.value})"
            if one.criticality >= CRITICAL:
                return f"{who} is critical for the hospital"
            if _CLINICAL.search(one.device_class):
                return f"{who} is a {_word(one.device_class)}, which care waits for"
        return ""

    def _clinical_place(self, party: Party, brief: Brief) -> str:
        """Where a machine stands, when that is among clinical ones; by its own address or by those linked with it."""
        own = [a for p in _same_machine(party, brief) if (a := address_of(p.value))]
        own = own or [a for p in brief.parties if p.role != "touched" and (a := address_of(p.value))]
        if any(self._clinical_network(a) for a in own):
            return "in a clinical network"
        nearby = {_segment(a) for p in brief.parties if _sensitive(p) and (a := address_of(p.value))}
        return "beside clinical machines" if any(_segment(a) in nearby for a in own) else ""


def _same_machine(party: Party, brief: Brief) -> Iterable[Party]:
    """The party as the inventory may know it under other names: the same name, or, where nothing is known of it,
    all machines that the incident links with its subject."""
    yield party
    unsure = party.device_class in _UNKNOWN and not party.name
    for other in brief.parties:
        if other.value == party.value or other.type in PERSONAL or other.type == "domain":
            continue
        if (party.name and other.name == party.name) or (
            unsure and party.role != "touched" and other.role != "touched"
        ):
            yield other


def _sensitive(party: Party) -> bool:
    return party.life_support or bool(_LIFE.search(party.device_class) or _CLINICAL.search(party.device_class))


def _word(device_class: str) -> str:
    return device_class.replace("_", " ")


def _segment(address: Address) -> str:
    bits = 24 if address.version == 4 else 112
    return str(ipaddress.ip_network((address, bits), strict=False))
