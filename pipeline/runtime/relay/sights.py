"""What detectors that tell nothing saw, given on under the machine that it is about: who asks it, whom it claims to be.

Its askers lie in as many key groups as there are; under its own key they come together.
"""

import orjson

from pipeline.detectors.devices.machine_talk import LANGUAGES
from pipeline.detectors.network.name_claim import claim_of
from pipeline.engine.engine import Outcome
from pipeline.engine.finding import Hits
from pipeline.features.batch import Batch
from pipeline.runtime.relay.onward import Onward, groups_of, marked

ASKER, CLAIM = "devices.asker_seen", "network.name_claim"
_FIELDS = ("format", "src_ip", "dst_ip")


def sights(outcome: Outcome, groups: int) -> Onward:
    """Askers and claims of a scored batch of `network`, in order."""
    keys, documents = [], []
    for hits in (h for h in outcome.hits if h.detector in (ASKER, CLAIM)):
        for k, row in enumerate(hits.rows.tolist()):
            kind, own = _asker(outcome.batch, hits, k) if hits.detector == ASKER else _claim(outcome.batch, row)
            event_id = marked(outcome.batch.text("event_id", row) or "", kind)
            head = {"ts": float(outcome.batch.ts[row]), "event_id": event_id, "kind": kind}
            keys.append(str(own["destination"]).encode())
            documents.append(orjson.dumps(head | outcome.batch.known_texts(_FIELDS, row) | own))
    return Onward("contacts", groups_of(keys, groups), keys, documents)


def _asker(batch: Batch, hits: Hits, k: int) -> tuple[str, dict[str, object]]:
    row, noted = int(hits.rows[k]), {name: float(column[k]) for name, column in hits.noted.items()}
    language = LANGUAGES[int(noted["language"])]
    own: dict[str, object] = {
        "destination": f"{batch.text('dst_ip', row)} {language}", "language": language,
        "person": noted["person"] > 0, "spoken_s": noted["spoken_s"], "colleagues": int(noted["colleagues"]),
    }  # fmt: skip
    return "asker", own


def _claim(batch: Batch, row: int) -> tuple[str, dict[str, object]]:
    address, name = claim_of(batch, row) or ("unknown", "")
    return "claim", {"destination": address, "dst_ip": address, "host": name}
