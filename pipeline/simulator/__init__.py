"""A seeded hospital that emits every source in event time, with labelled attacks and harmless oddities."""

from pipeline.simulator.emitted import Emitted
from pipeline.simulator.hospital import Hospital
from pipeline.simulator.labels import StoryLabel, write_labels

__all__ = ["Emitted", "Hospital", "StoryLabel", "write_labels"]
