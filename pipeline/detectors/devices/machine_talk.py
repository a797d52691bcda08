"""Which connections speak a language in which machines ask machines: controllers, brokers, engines, agents."""

import numpy as np

from pipeline.features.batch import Batch
from pipeline.features.device_classes import HL7_PORTS
from pipeline.features.unknown import filled

LANGUAGES = ("", "Modbus", "S7", "DNP3", "EtherNet/IP", "BACnet", "MQTT", "SNMP", "HL7")
_PORTS = {502: 1, 102: 2, 20_000: 3, 44_818: 4, 47_808: 5, 1883: 6, 8883: 6, 161: 7, **dict.fromkeys(HL7_PORTS, 8)}
"""IANA modbus, iso-tsap, dnp, EtherNet-IP-2, bacnet, mqtt, secure-mqtt, snmp, hl7."""
_SERVICES = {"modbus": 1, "s7comm": 2, "dnp3": 3, "dnp3_tcp": 3, "enip": 4, "bacnet": 5, "mqtt": 6, "snmp": 7, "hl7": 8,
             "mllp": 8}  # fmt: skip
_PORT = np.zeros(65_536, np.int8)
_PORT[list(_PORTS)] = list(_PORTS.values())


def machine_talk(batch: Batch) -> np.ndarray:
    """int8[n]: number in LANGUAGES, 0 for none, by the sensor's word or, where it has none, the port; flows only."""
    port = filled(batch.number("dst_port")).astype(np.int64)
    found = np.where(batch.hash("service") == 0, _PORT[port], np.int8(0))
    for name, number in _SERVICES.items():
        found[batch.equals("service", name)] = number
    found[~batch.kind("flow")] = 0
    talk: np.ndarray = found
    return talk
