"""What claims are given on with beside their provider: the few fields that comparing providers needs, by kind of claim.

A provider is held against peers, and a provider's key group knows one eighth of them: the same provider would stand out
in one and not in another. So every claim goes on once more in short, under its kind as key.
"""

import numpy as np
import orjson

from pipeline.features.batch import Batch
from pipeline.runtime.relay.onward import Onward, groups_of, marked

KINDS = ("professional", "institutional", "pharmacy")
OTHER = "other"
_FIELDS = (
    "ts", "format", "claim_judged_ts", "claim_id", "provider", "patient", "member_id", "from_ts", "through_ts",
    "total_amount", "procedures", "encounter_days", "chart_days", "encounter_coverage", "chart_coverage",
)  # fmt: skip


def billings(batch: Batch, groups: int) -> Onward:
    """Claims of a batch of `charts` in short, in order."""
    rows = np.flatnonzero(batch.kind("claim") & (batch.hash("provider") != 0)).tolist()
    keys, documents = [], []
    for row in rows:
        whole = orjson.loads(batch.document(row))
        kind = batch.text("claim_type", row)
        peers = kind if kind in KINDS else OTHER
        event_id = marked(str(whole["event_id"]), "peers")
        own = {name: value for name in _FIELDS if (value := whole.get(name)) is not None}
        keys.append(peers.encode())
        documents.append(orjson.dumps(own | {"event_id": event_id, "kind": "billing", "peers": peers}))
    return Onward("judged", groups_of(keys, groups), keys, documents)
