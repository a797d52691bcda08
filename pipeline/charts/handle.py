"""One key group's memory as kernels take it: behind one pointer, since twenty-seven arrays by value make every
function that hands them on slow to compile."""

from typing import Any

import numba as nb
from llvmlite import ir
from numba.core import cgutils, imputils, types
from numba.experimental import structref
from numba.extending import lower_getattr_generic

from pipeline.charts.memory import Memory

_DATA = ir.Constant(ir.IntType(32), 3)
"""Words of numba's head of what it counts references to: their number, what ends it, with what, where the data is."""


@structref.register
class _HandleType(types.StructRef):  # type: ignore[name-defined]
    def preprocess_fields(self, fields: Any) -> Any:
        return tuple((name, types.unliteral(kind)) for name, kind in fields)  # type: ignore[attr-defined]


@lower_getattr_generic(_HandleType)
def _field(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
    """Takes the place of numba's own, which asks for references to be counted."""
    head = cgutils.create_struct_proxy(kind)(context, builder, value=value).meminfo
    data = builder.load(builder.gep(builder.bitcast(head, cgutils.voidptr_t.as_pointer()), [_DATA]))
    held = kind.get_data_type()
    place = builder.bitcast(data, context.data_model_manager[held].get_value_type().as_pointer())
    arrays = cgutils.create_struct_proxy(held)(context, builder, ref=place)
    return imputils.impl_ret_borrowed(context, builder, kind.field_dict[name], getattr(arrays, name))


class Handle(structref.StructRefProxy):
    """`Memory` for kernels: `Handle(*memory)`, with the same fields."""

    def __new__(cls, *arrays: Any) -> "Handle":
        made: Handle = _made(*arrays)
        return made


structref.define_proxy(Handle, _HandleType, list(Memory._fields))


@nb.njit(cache=True, nogil=True)
def _made(*arrays):  # type: ignore[no-untyped-def]  # numba's own constructor is compiled anew by every process
    return Handle(*arrays)
