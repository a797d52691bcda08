"""Who bears a member number: registrations and claims in short, under the number as key.

A patient's key group sees all of a patient and one eighth of the others, so that two people with one number meet in
none of them seven times in eight.
"""

import numpy as np
import orjson

from pipeline.features.batch import Batch
from pipeline.runtime.relay.onward import Onward, groups_of, marked

_FIELDS = (
    "ts", "format", "member_id", "family_token", "address_token", "birth_year", "deceased_ts", "from_ts",
)  # fmt: skip


def members(batch: Batch, groups: int) -> Onward:
    """Registrations and claims of a batch of `charts` that name a member number, in order."""
    named = batch.kind("claim", "patient") & (batch.hash("member_id") != 0) & (batch.key_hash != 0)
    keys, documents = [], []
    for row in np.flatnonzero(named).tolist():
        whole = orjson.loads(batch.document(row))
        event_id = marked(str(whole["event_id"]), "member")
        own = {name: value for name in _FIELDS if (value := whole.get(name)) is not None}
        keys.append(str(whole["member_id"]).encode())
        if biller := whole.get("provider"):
            own["rendering"] = biller
        own |= {"event_id": event_id, "kind": "member", "patient": whole["chart"], "billed": whole["kind"] == "claim"}
        documents.append(orjson.dumps(own))
    return Onward("judged", groups_of(keys, groups), keys, documents)
