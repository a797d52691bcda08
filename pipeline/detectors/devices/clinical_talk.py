"""Which connections speak the languages of medical devices: DICOM and HL7."""

import numpy as np

from pipeline.features.batch import Batch
from pipeline.features.device_classes import DICOM_PORTS, HL7_PORTS
from pipeline.features.unknown import filled

_PORT = np.zeros(65_536, np.int8)
DICOM, HL7 = 1, 2
_PORT[list(DICOM_PORTS)] = DICOM
_PORT[list(HL7_PORTS)] = HL7
LANGUAGES = ("", "DICOM (images)", "HL7 (orders and results)")


def clinical_talk(batch: Batch) -> np.ndarray:
    """int8[n]: DICOM, HL7 or 0, by the sensor's word or, where it has none, the port asked for; flows only."""

    def compute(batch: Batch) -> np.ndarray:
        port = filled(batch.number("dst_port")).astype(np.int64)
        unnamed = (batch.hash("service") == 0) & batch.equals("proto", "tcp")
        found = np.where(unnamed, _PORT[port], np.int8(0))
        found[batch.equals("service", "dicom")] = DICOM
        found[batch.is_in("service", ("hl7", "mllp"))] = HL7
        found[~batch.kind("flow")] = 0
        return found

    talk: np.ndarray = batch.shared("clinical_talk", compute)
    return talk
