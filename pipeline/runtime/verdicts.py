"""What analysts say (topic `feedback`), as notes in the log of findings."""

from pydantic import ValidationError

from pipeline.features.record_batch import Records
from pipeline.runtime.quarantine import Unread
from pipeline.runtime.relay.notes import AnyNote
from schemas.feedback import Feedback
from schemas.note import VerdictNote


def verdict_notes(records: Records) -> tuple[list[AnyNote], list[Unread]]:
    """Notes, and what is none."""
    notes: list[AnyNote] = []
    unread: list[Unread] = []
    for offset, document in zip(records.offsets.tolist(), records.values, strict=True):
        try:
            given = Feedback.model_validate_json(document)
        except ValidationError as error:
            unread.append(Unread(offset, document, _first_fault(error)))
            continue
        notes.append(VerdictNote(verdict_id=given.verdict_id, **given.model_dump()))
    return notes, unread


def _first_fault(error: ValidationError) -> str:
    """What is wrong, without the value, which may be anything; in the model's own words, as they quote nothing."""
    fault = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where}: {fault['msg']}" if where else fault["msg"]
