"""What kinds of device there are, and what gives one away: maker's name, leased name, spoken protocol, inventory word.

Detectors and the passive inventory read the same tables, so that what one calls a pump is a pump for the other.
"""

import re
from functools import cache

NAMES = (
    "unknown", "infusion_pump", "patient_monitor", "ventilator", "ecg", "imaging", "lab_analyzer", "medical",
    "pacs", "clinical_server", "server", "workstation", "printer", "camera", "phone", "building_automation", "network",
)  # fmt: skip
"""Classes; a class's place here is its code."""
CODES = {name: code for code, name in enumerate(NAMES)}
UNKNOWN = 0
CLINICAL = frozenset(CODES[n] for n in NAMES[1:8])
"""Machines at or near patients."""
PATIENT_WORN = frozenset(CODES[n] for n in ("infusion_pump", "patient_monitor", "ventilator", "ecg", "medical"))
"""Switched off when their patient leaves."""
SERVING = ("pacs", "clinical_server", "server")
"""Classes that are known by what they do for many."""
COMPUTERS = ("workstation", "server")
"""Whole computers: whose maker built it says little about what it is for, as servers, archives and interface engines
have the cards of desks."""
THINGS = CLINICAL | frozenset(CODES[n] for n in ("printer", "camera", "phone", "building_automation"))
"""Machines without a user in front who browses: few peers, few ports."""

# Words of inventories (CMMS exports, spreadsheets) in lower case, most telling first.
_WORDS = (
    ("pacs", r"\bpacs\b|\bvna\b|dicom (archive|server|router)|image archive"),
    ("clinical_server", r"interface engine|\bhl7 |gateway|\bris\b|\blis\b|\behr\b|\bemr\b|central station"),
    ("infusion_pump", r"infusion|pump|syringe driver|\bpca\b"),
    ("ventilator", r"ventilat|an(a)?esthe|respirator"),
    ("ecg", r"\be[ck]g\b|electrocardio|holter"),
    ("imaging", r"imaging|modality|\bct\b|\bmri?\b|x.?ray|ultraso|radiolog|mammo|angio|fluoro|endoscop|\bdx\b|\bus\b"),
    ("lab_analyzer", r"analy[sz]er|\blab\b|laborator|h(a)?ematolog|chemistry|blood gas|\bpoct?\b|glucomet"),
    ("patient_monitor", r"monitor|telemetry|vital|bedside"),
    ("medical", r"medical|clinical|dialys|defib|dispens|incubator|biomed|\bbed\b|surg|therap"),
    (
        "building_automation",
        r"building|\bbms\b|\bbas\b|hvac|elevator|chiller|\bplc\b|thermo|\bups\b|door",
    ),
    ("camera", r"camera|cctv|\bnvr\b"),
    ("phone", r"phone|voip|\bsip\b|nurse call"),
    ("printer", r"print|label"),
    ("network", r"switch|router|access point|firewall|\bwlc\b|network"),
    ("workstation", r"workstation|desktop|laptop|\bpc\b|thin client|\bcow\b|\bwow\b|tablet"),
    ("server", r"server|hypervisor|storage|\bnas\b"),
)
# Makers as the IEEE registry writes them, lower case. A maker of many kinds stands under the one most met on a ward.
_MAKERS = (
    ("infusion_pump", r"^baxter|b\. ?braun|^carefusion|^alaris|hospira|^icu medical|smiths medical"
     r"|^fresenius (kabi|vial)|^ivenix|^becton|^terumo|zyno medical|arcomed"),
    ("ventilator", r"dr(ae|ä)ger|^hamilton medical|^maquet crit|^respironics|^resmed"),
    ("ecg", r"^schiller ag|^mortara|^cardiac science"),
    ("patient_monitor", r"^masimo|philips (patient mon|medical systems - card|healthcare)|^mindray|^nihon kohden"
     r"|^spacelabs|^welch allyn|^nonin|^ge healthcare|^ge medical|^datex|^criticare|^fukuda denshi|^edwards life"
     r"|^bionet co|^sotera wireless|^physio-control"),
    ("lab_analyzer", r"^sysmex|^beckman (coulter|lab)|^roche diag|^abbott|^biom(e|é)rieux|^bio-rad|^radiometer"
     r"|^siemens healthcare diag|^cepheid|^hemocue|^applied biosystems|^thermo fisher|^tecan schw|^agilent"),
    ("imaging", r"^siemens health|^carestream|^fujifilm corp|^agfa corp|^hologic|^varian$|^varian med|^elekta|^esaote"
     r"|^sonosite|^shimadzu|^planmeca|^sirona dental|^dentsply|^kavo|^karl storz|^canon medical|^analogic"),
    ("medical", r"^hill-rom|^zoll|^medtronic|^biotronik|^maquet|^boston scientific|^omnicell|^getinge"),
    ("printer", r"^canon inc|^seiko epson|^xerox corp|^zebra tech|^kyocera (corp|doc)|^lexmark|^brother ind|^ricoh"
     r"|^printronix|^sato corp|^datamax|^toshiba tec|^oki (data|electric)|^konica minolta"),
    ("camera", r"^hangzhou hikvision|^zhejiang (dahua|uniview)|^axis comm|^amcrest|^bosch security|^hanwha|^mobotix"
     r"|^vivotek|^geovision|^arecont|^verkada|^reolink"),
    ("phone", r"^yealink|^xiamen yealink|^polycom|^grandstream|^snom|^mitel|^spectralink|^vocera|^fanvil|^ascom tateco"
     r"|^avaya"),
    ("building_automation", r"^johnson controls|^trane|^schneider elec|^siemens (building|switz)|^tridium"
     r"|^delta controls|^reliable controls|^carrier corp|^kmc controls|^alerton|^lutron|sauter|^belimo|^loytec"
     r"|^beckhoff|^wago|^phoenix contact|^rockwell auto|^honeywell life"),
    # Makers of whole computers, not of the cards in other people's devices.
    ("server", r"^super micro comp|^vmware|^nutanix|^hewlett packard ent|^xensource|^oracle corp"),
    ("workstation", r"^dell (inc|pcba)|^hewlett packard$|^hp inc|^lcfc|^lenovo|^acer|^microsoft corp"
     r"|^fujitsu (client|tech)"),
    ("network", r"^cisco|^aruba|^juniper net|^ruckus|^extreme net|^fortinet|^palo alto|^brocade|^arista|^ubiquiti"
     r"|^allied tele"),
)  # fmt: skip
# Host names as administrators and makers give them.
_HOSTS = (
    ("pacs", r"^(srv-)?(pacs|vna)"),
    ("clinical_server", r"pump-?gw|^(srv-)?(lis|ris|intf|hl7|ehr)|interface"),
    ("infusion_pump", r"pump|infus|alaris|^pcu"),
    ("ventilator", r"^vent|ventilator|evita|servo-?[uin]"),
    ("ecg", r"^e[ck]g"),
    ("imaging", r"^(ct|mr|mri|dx|cr|us|xr|xa|mg|nm|pet)[-_]?\d|imaging|modality|ultraso|radiog"),
    ("lab_analyzer", r"analy[sz]er|^lab[-_]|sysmex|cobas|hema"),
    ("patient_monitor", r"monitor|^(pm|mp|intellivue|bedside|b\d{3})[-_]?\d|vitals|telemetry"),
    ("printer", r"^(prn|prt|printer|npi|brn|zbr|lexmark|ricoh|xrx)"),
    ("camera", r"^(cam|ipc|nvr|axis)[-_]?"),
    ("phone", r"^(sep[0-9a-f]{12}|phone|voip|spa\d|polycom|yealink)"),
    ("building_automation", r"^(bms|bas|hvac|plc|ahu|ups)[-_]?|thermo|building"),
    ("network", r"^(sw|rtr|fw|ap|wlc)[-_]?\d|switch|router"),
    ("server", r"^(srv|server|dc\d|file|mail|sql|db)[-_]?"),
    ("workstation", r"^(ws|pc|desktop|laptop|lt|nb|win)[-_]"),
)
# Software strings of servers, browsers and stacks that only one class shows.
_SOFTWARE = (
    ("pacs", r"orthanc|dcm4che|conquest"),
    ("medical", r"^medicaldevice"),  # IEEE 11073-20702, as it announces itself
    ("imaging", r"\bct\b|\bmr\b|modality"),
    ("printer", r"\bipps?\b|jetdirect|cups|laserjet|zebra|^_ipps?\.|^_printer\.|^_pdl-|^print(er|device|basic)"),
    ("camera", r"rtsp|hikvision|dahua|gsoap|^networkvideo|^_axis-video|digitalsecuritycamera|onvif"),
    ("phone", r"polycom|yealink|cisco-sipgateway|\bsip\b"),
    ("building_automation", r"^_bacnet\."),
    ("workstation", r"windows nt|macintosh|chrome|firefox|edge"),
    ("server", r"apache|nginx|iis|postfix|openssh_.*server"),
)

DICOM_PORTS = (104, 2761, 2762, 4242, 11112)
"""IANA acr-nema, dicom-iscl, dicom-tls, dicom; 4242 is Orthanc's."""
HL7_PORTS = (2575, 6660, 6661, 6662, 6663)
"""IANA hl7; 6661 and its neighbours are the defaults of Mirth and of analysers' guides."""
# Port or service → (class of who speaks it, class of who answers, weight): what is well known about them.
PROTOCOLS: dict[int | str, tuple[str, str, float]] = {
    **dict.fromkeys(DICOM_PORTS, ("imaging", "pacs", 0.5)),
    "dicom": ("imaging", "pacs", 0.5),
    **dict.fromkeys(HL7_PORTS, ("medical", "clinical_server", 0.4)),
    "hl7": ("medical", "clinical_server", 0.4),
    24_105: ("patient_monitor", "clinical_server", 0.7),  # Philips data export
    3502: ("infusion_pump", "clinical_server", 0.5),  # Alaris gateway
    9100: ("workstation", "printer", 0.6), 515: ("workstation", "printer", 0.6), 631: ("workstation", "printer", 0.5),
    554: ("workstation", "camera", 0.6), 37_777: ("workstation", "camera", 0.7),
    47_808: ("building_automation", "building_automation", 0.8),
    502: ("building_automation", "building_automation", 0.6), "modbus": ("building_automation",) * 2 + (0.6,),
    102: ("building_automation", "building_automation", 0.5), 20_000: ("building_automation",) * 2 + (0.5,),
    5060: ("phone", "server", 0.5), 5061: ("phone", "server", 0.5), "sip": ("phone", "server", 0.5),
    "krb_tcp": ("workstation", "server", 0.3), "kerberos": ("workstation", "server", 0.3),
    88: ("workstation", "server", 0.3), 445: ("workstation", "server", 0.3), 389: ("workstation", "server", 0.2),
    161: ("server", "network", 0.2), 179: ("network", "network", 0.6),
    **dict.fromkeys((25, 143, 465, 587, 873, 993, 2049), ("unknown", "server", 0.4)),
    **dict.fromkeys((1433, 1521, 1883, 3306, 5432, 8883, 27_017, "mqtt"), ("unknown", "server", 0.5)),
}  # fmt: skip


def _first(table: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((name for name, pattern in table if re.search(pattern, text)), None)


@cache
def class_of_word(word: str) -> str:
    """The class an inventory's word means, `medical` for one we do not know: a listed device is one of theirs.

    >>> class_of_word("Infusion pump"), class_of_word("patient_monitor"), class_of_word("lab_analyser")
    ('infusion_pump', 'patient_monitor', 'lab_analyzer')
    """
    plain = " ".join(word.lower().replace("_", " ").replace("-", " ").split())
    if plain.replace(" ", "_") in CODES:
        return plain.replace(" ", "_")
    return _first(_WORDS, plain) or ("medical" if plain else "unknown")


@cache
def class_of_maker(maker: str) -> str | None:
    """The class a maker's registered name points at."""
    return _first(_MAKERS, maker.lower())


def class_of_host(name: str) -> str | None:
    """The class a host's own name points at."""
    return _first(_HOSTS, name.lower())


def class_of_software(text: str) -> str | None:
    """The class a software string points at."""
    return _first(_SOFTWARE, text.lower())
