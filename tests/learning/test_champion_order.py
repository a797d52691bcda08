"""Orders about champions travel as rows of a list, and what is none is refused with its reason."""

import pytest

from pipeline.learning.champion_order import ChampionOrder, fault_of
from pipeline.runtime.lists.files import fault, indexed

ORDER = ChampionOrder("network.port_scan", "promote", "ann", 1_790_000_000.125, "fewer false ones")


def test_an_order_comes_back_from_its_row() -> None:
    row = ORDER.to_row()
    assert ChampionOrder.of(row) == ORDER
    assert fault("champions", row) is None
    assert indexed("champions", [row], None).get("network.port_scan") == (row,)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"by": " "}, "by is missing"), ({"action": "fire"}, "promote or rollback"), ({"at": "soon"}, "no instant")],
)
def test_what_orders_nothing_is_refused(change: dict[str, str], said: str) -> None:
    row = ORDER.to_row() | change
    assert said in str(fault_of(row))
    with pytest.raises(ValueError, match=said):
        ChampionOrder.of(row)
