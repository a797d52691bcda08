"""What is thought of one alert: how likely it is real, and how soon somebody should look."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assessment:
    """Given by `pipeline.learning.assessor.Assessor`, from verdicts on earlier alerts."""

    p_true: float
    """Probability that it is an attack, fraud or breach, 0 to 1."""
    detector_precision: float | None = None
    """Share of this detector's judged alerts that were; None before the first verdict."""
    detector_verdicts: int = 0
    """How many of this detector's alerts were judged."""
    priority: float = 50.0
    """0 to 100: severity and probability together, what a list of alerts is sorted by."""
