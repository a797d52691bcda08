"""A row of a list as it travels on the topic `lists`."""

from schemas.base import Wire


class ListRow(Wire):
    """Value on the topic `lists`; its key is `NAME/first column`. A null value takes the row away."""

    list: str
    row: dict[str, str]

    @property
    def key(self) -> str:
        """By its first column; a list with several rows of one needs keys of its own."""
        return f"{self.list}/{next(iter(self.row.values()))}"
