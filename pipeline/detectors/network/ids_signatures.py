"""What sort of thing a sensor's alert speaks of, read from the words of its signature and from its category.

Signature names follow the conventions of the Emerging Threats and GPL rule sets (`ET MALWARE …`), categories those of
Suricata's classification.config, notices those of Zeek (`Scan::Port_Scan`).
"""

from functools import cache

import numpy as np

from pipeline.detectors.network.terms import terms_in
from pipeline.features.batch import Batch
from pipeline.features.multi_pattern import Automaton, automaton

PLAIN, HOUSEKEEPING, POLICY, SCAN, REPUTATION, ATTEMPT, GRAVE = range(7)

# About the sensor, the form of packets or of certificates, and not about an attack.
_HOUSEKEEPING = (
    "Generic Protocol Command Decode", "CaptureLoss", "PacketFilter", "Weird", "Not Suspicious Traffic", "SSL",
    "Software", "Known", "Reporter", "Conn",
)  # fmt: skip
# What somebody may not like, and nobody answers at night.
_POLICY = (
    "Misc activity", "Potential Corporate Privacy Violation", "Unknown Traffic", "Potentially Bad Traffic",
    "Inappropriate Content was Detected", "Device Retrieving External IP Address Detected",
    "Potentially Unwanted Program", "Possibly Unwanted Program Detected", "A suspicious string was detected",
    "A suspicious filename was detected", "Detection of a non-standard protocol or event",
    "An attempted login using a suspicious username was detected", "ProtocolDetector",
)  # fmt: skip
_SCAN = ("Detection of a Network Scan", "Scan", "ICMP")
_ATTEMPT = (
    "Attempted Administrator Privilege Gain", "Attempted User Privilege Gain", "Attempted Denial of Service",
    "Attempted Information Leak", "Web Application Attack", "Misc Attack", "Information Leak",
    "access to a potentially vulnerable web application", "Attempt to login by a default username and password",
)  # fmt: skip
_GRAVE = (
    "A Network Trojan was detected", "Malware Command and Control Activity Detected",
    "Successful Administrator Privilege Gain", "Successful User Privilege Gain", "Successful Credential Theft Detected",
    "Domain Observed Used for C2 Detected", "Targeted Malicious Activity was Detected",
    "Exploit Kit Activity Detected", "Large Scale Information Leak", "Crypto Currency Mining Activity Detected",
    "Intel", "TeamCymruMalwareHashRegistry", "Heartbleed",
)  # fmt: skip

_WORDS = {
    POLICY: ("et policy", "et info", "et hunting", "et games", "et chat", "et p2p", "et adware_pup", "et dns",
             "et user_agents", "et inappropriate", "et icmp", "gpl icmp", "gpl policy", "gpl chat", "policy ",
             "info ", "et tor ", "et file_sharing", "et remote_access"),
    HOUSEKEEPING: ("suricata ", "stream "),
    SCAN: ("et scan", "gpl scan", "port scan", "port_scan", "portscan", "address_scan", "addressscan",
           "network scan", "nmap", "masscan"),
    REPUTATION: ("et cins", "et drop", "et compromised", "et 3coresec", "reputation", "spamhaus", "dshield"),
    GRAVE: ("et malware", "et trojan", "et mobile_malware", "et worm", "et exploit_kit", "et attack_response",
            "et cnc", "et phishing", "et coinminer", "ransomware", "cobalt strike", "cobaltstrike", "meterpreter",
            "mimikatz", "backdoor", "botnet", "trojan", "command and control", "cnc beacon", "cnc checkin",
            "c2 server", "c2 beacon", "successful", "eternalblue", "doublepulsar"),
}  # fmt: skip


@cache
def _terms() -> tuple[Automaton, dict[int, np.ndarray]]:
    """The automaton of all words, and uint64[W] masks of each sort."""
    words = [(sort, word) for sort, some in _WORDS.items() for word in some]
    masks = {sort: np.zeros(1 + (len(words) - 1 >> 6), np.uint64) for sort in _WORDS}
    for k, (sort, _) in enumerate(words):
        masks[sort][k >> 6] |= np.uint64(1) << np.uint64(k & 63)
    return automaton([word for _, word in words]), masks


def sorts_of(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """int64[m]: the sort of each alert. The signature's words decide, then the category; a graver word does not
    outweigh that a rule is only of the hunting or policy kind, unless the category is grave as well."""
    machine, masks = _terms()
    found = terms_in(batch, rows, "signature", machine)
    says = {sort: (found & mask).any(axis=1) for sort, mask in masks.items()}
    # Zeek says it in the note, not in the message: Scan::Port_Scan, ICMP::ICMPAddressScan.
    says[SCAN] |= (terms_in(batch, rows, "signature_id", machine) & masks[SCAN]).any(axis=1)
    category = {
        sort: batch.is_in("category", names)[rows]
        for sort, names in (
            (HOUSEKEEPING, _HOUSEKEEPING), (POLICY, _POLICY), (SCAN, _SCAN), (ATTEMPT, _ATTEMPT), (GRAVE, _GRAVE),
        )
    }  # fmt: skip
    out = np.full(len(rows), PLAIN)
    for sort in (ATTEMPT, SCAN, POLICY, HOUSEKEEPING, GRAVE):
        out[category[sort]] = sort
    out[says[GRAVE] & (out != HOUSEKEEPING) & (out != POLICY)] = GRAVE
    for sort in (POLICY, REPUTATION, SCAN):
        out[says[sort] & ~(category[GRAVE] & says[GRAVE])] = sort
    out[says[HOUSEKEEPING] & ~category[GRAVE]] = HOUSEKEEPING
    return out
