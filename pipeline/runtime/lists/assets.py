"""What the inventory says of a machine, as incidents and playbooks weigh it."""

from collections.abc import Callable, Mapping

from pipeline.features.device_classes import class_of_word
from pipeline.features.lists import Lists
from pipeline.incidents.asset import Asset

Row = Mapping[str, str]

# Words of an inventory's class for machines that keep somebody alive, or that one looks at to see whether somebody is.
# Also those that `device_classes` puts together with others as medical: a dialysis machine, a defibrillator.
_LIFE_WORDS = (
    "infusion", "pump", "ventilat", "respirat", "monitor", "dialys", "anaesth", "anesth", "defib", "incubat",
    "heart-lung", "heart lung", "bypass", "ecmo", "pacemaker", "life support",
)  # fmt: skip
_LIFE_CLASSES = frozenset(("infusion_pump", "ventilator", "patient_monitor"))
_LIFE_CRITICALITY = 5
# Where the inventory gives no number: what a stop costs. A server or an archive stops a department, an analyser a test.
_CRITICALITY = {
    "ecg": 4, "imaging": 4, "lab_analyzer": 4, "pacs": 4, "clinical_server": 4, "server": 4, "network": 4, "medical": 3,
    "building_automation": 3, "phone": 2, "workstation": 2, "printer": 1, "camera": 1,
}  # fmt: skip
_USUAL = 2
_SERVER_WORDS = ("domain controller", "database", "active directory")
_MACHINES = frozenset(("ip", "mac", "host", "device"))
_YES, _NO = frozenset(("yes", "y", "true", "1", "x")), frozenset(("no", "n", "false", "0"))


def asset_of_row(row: Row) -> Asset:
    """One row of the inventory; columns criticality, life_support, name and department come before the class.

    >>> asset_of_row({"class": "Dialysis machine", "name": "D3"})
    Asset(criticality=5, life_support=True, device_class='medical', name='D3', department='')
    """
    word = row.get("class", "").lower()
    kind = "server" if any(w in word for w in _SERVER_WORDS) else class_of_word(word) if word else ""
    said = row.get("life_support", "").strip().lower()
    life = said in _YES or (said not in _NO and _keeps_alive(kind, word))
    number = row.get("criticality", "").strip()
    usual = _LIFE_CRITICALITY if life else _CRITICALITY.get(kind, _USUAL)
    return Asset(
        criticality=int(number) if number in ("1", "2", "3", "4", "5") else usual,
        life_support=life,
        device_class=kind,
        name=row.get("name", "") or row.get("hostname", ""),
        department=row.get("department", ""),
    )


def _keeps_alive(kind: str, word: str) -> bool:
    return kind in _LIFE_CLASSES or any(w in word for w in _LIFE_WORDS)


def asset_of(lists: Lists) -> Callable[[str, str], Asset | None]:
    """Looks up (type, value): a machine by its MAC, address or name; people are in no inventory.

    An inventory that is given a new content while it runs counts from then on.
    """
    devices: Mapping[str, Row] = {}
    by_name: dict[str, Asset] = {}

    def look_up(kind: str, value: str) -> Asset | None:
        nonlocal devices, by_name
        if devices is not lists.devices:
            devices, by_name = lists.devices, _by_name(lists.devices)
        return by_name.get(value.lower()) if kind in _MACHINES else None

    return look_up


def _by_name(devices: Mapping[str, Row]) -> dict[str, Asset]:
    """A row stands under its MAC and its address, and is read once."""
    found: dict[str, Asset] = {}
    assets = {id(row): asset_of_row(row) for row in {id(row): row for row in devices.values()}.values()}
    for key, row in devices.items():
        found[key.lower()] = assets[id(row)]
        for name in (row.get("name", ""), row.get("hostname", "")):
            if name:
                found.setdefault(name.lower().split(".")[0], assets[id(row)])
    return found


def fault_of_device(row: Row) -> str | None:
    """Why an inventory's row cannot be used; None for one that can."""
    number = row.get("criticality", "").strip()
    if number and number not in ("1", "2", "3", "4", "5"):
        return f"criticality {number!r} is none of 1 (negligible) to 5 (critical)"
    said = row.get("life_support", "").strip().lower()
    if said and said not in _YES | _NO:
        return f"life_support {said!r} is neither yes nor no"
    return None
