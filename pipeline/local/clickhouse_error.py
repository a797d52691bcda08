"""ClickHouse's error form: a code, a name, an HTTP status, a one-paragraph text."""

import re

from pipeline.errors import LocalServiceError

_CODE = re.compile(r"Code: (\d+)\.")
_AUTH = {192, 193, 497, 516}
_MISSING = {46, 47, 50, 56, 60, 63, 73, 78, 81, 93, 115, 336}
_BAD_REQUEST = {
    6,
    25,
    26,
    27,
    33,
    36,
    38,
    41,
    43,
    44,
    51,
    52,
    53,
    62,
    69,
    70,
    72,
    117,
    131,
    386,
    441,
    456,
    457,
}
_OTHER_STATUS = {48: 501, 159: 408, 202: 503, 236: 503, 223: 413, 243: 503}


class ClickHouseError(LocalServiceError):
    """An error to be told over HTTP in ClickHouse's own form. `code` is ClickHouse's error number."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code

    @classmethod
    def make(cls, code: int, name: str, message: str) -> "ClickHouseError":
        """An error of our own, for instance make(62, "SYNTAX_ERROR", "Empty query")."""
        return cls(code, f"Code: {code}. DB::Exception: {message}. ({name})")

    @classmethod
    def of_engine(cls, error: BaseException) -> "ClickHouseError":
        """What the engine raised; an error without a number becomes 1002 (UNKNOWN_EXCEPTION)."""
        text = str(error).strip()
        found = _CODE.search(text)
        if found is None:
            return cls.make(1002, "UNKNOWN_EXCEPTION", text or type(error).__name__)
        return cls(int(found[1]), text[found.start() :])

    @property
    def http_status(self) -> int:
        """The status ClickHouse answers with."""
        if self.code in _AUTH:
            return 403
        if self.code in _MISSING:
            return 404
        return 400 if self.code in _BAD_REQUEST else _OTHER_STATUS.get(self.code, 500)
