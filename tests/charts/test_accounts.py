"""Care and accesses name one person: kernels fold an account as the reader does."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.charts.columns import account_key, folded
from schemas.account import CAPITALS, PUBLIC_MAIL, account_of

_NAMES = st.text(
    st.sampled_from("abzABZ019.\\@ÀÞÖ×ßöþŞЖ"), min_size=1, max_size=12
) | st.sampled_from([f"mary@{domain}com".upper() for domain in PUBLIC_MAIL])  # fmt: skip


def _array(name: str) -> np.ndarray:
    return np.frombuffer(name.encode(), np.uint8)


@settings(max_examples=300, deadline=None)
@given(_NAMES)
def test_kernel_and_reader_agree(name: str) -> None:
    raw, account = _array(name), _array(account_of(name))
    assume(not name.endswith("\\"))  # nobody's name: the kernel has none, the reader what was written
    assert account_key(raw, 0, len(raw), 1) == folded(account, 0, len(account))


@given(_NAMES)
def test_what_is_one_account_stays_it(name: str) -> None:
    assume(not name.endswith("\\"))
    account = account_of(name)
    assert account and not set(map(ord, account)) & set(CAPITALS)
    assert account_of("HOSP\\" + account) == account


def test_people_of_public_mail_are_several() -> None:
    mary = [_array(f"{name}@gmail.com") for name in ("mary", "John")]
    keys = {int(account_key(raw, 0, len(raw), 1)) for raw in (*mary, _array("mary"), _array("mary@hosp.example"))}
    assert len(keys) == 3
