"""Names in sentences: a field's text at a length a reader can bear, whatever a hostile record puts into it."""

from pipeline.features.batch import Batch

LIMIT = 48


def named(batch: Batch, row: int, *fields: str, otherwise: str = "someone", limit: int = LIMIT) -> str:
    """The first of the row's `fields` that is set, cut to `limit` characters; `otherwise` where none is."""
    for field in fields:
        text = batch.text(field, row)
        if text:
            return text if len(text) <= limit else text[: limit - 1] + "…"
    return otherwise
