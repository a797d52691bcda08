"""One key group's memory as kernels take it: behind one pointer, since twenty-seven arrays by value make every
function that hands them on slow to compile."""

from typing import Any

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
        return structref.StructRefProxy.__new__(cls, *arrays)


structref.define_proxy(Handle, _HandleType, list(Memory._fields))
