"""One key group's memory as kernels take it: behind one pointer, since twenty-seven arrays by value make every
function that hands them on slow to compile."""

from typing import Any

import numba as nb
from numba.core import types
from numba.experimental import structref

from pipeline.charts.memory import Memory


@structref.register
class _HandleType(types.StructRef):  # type: ignore[name-defined]
    def preprocess_fields(self, fields: Any) -> Any:
        return tuple((name, types.unliteral(kind)) for name, kind in fields)  # type: ignore[attr-defined]


class Handle(structref.StructRefProxy):
    """`Memory` for kernels: `Handle(*memory)`, with the same fields."""

    def __new__(cls, *arrays: Any) -> "Handle":
        made: Handle = _made(*arrays)
        return made


structref.define_proxy(Handle, _HandleType, list(Memory._fields))


@nb.njit(cache=True, nogil=True)
def _made(*arrays):  # type: ignore[no-untyped-def]  # numba's own constructor is compiled anew by every process
    return Handle(*arrays)
