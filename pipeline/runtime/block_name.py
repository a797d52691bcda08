"""What a block of rows is called, the same in every attempt to insert it."""

from faust.types import TP

from pipeline.features.record_batch import Records


def block_name(tp: TP, records: Records) -> str:
    """Names rows for ever. With the times of the records, as a topic that is made anew counts its offsets anew."""
    offsets, times = records.offsets, records.time_ms
    return f"{tp.topic}[{tp.partition}]{offsets[0]}-{offsets[-1]}@{times[0]}-{times[-1]}"
