"""Why a part could not run: a clone of the repository has no public data sets."""


class DataAbsentError(Exception):
    """A part's data is not there; the part is skipped and the report says so."""
