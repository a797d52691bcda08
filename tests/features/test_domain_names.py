"""Names are cut where the public suffix list says, and their letters weighed as the readable form does it."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from publicsuffixlist import PublicSuffixList

from pipeline.features.domain_names import INSIDE, PLAIN_BITS, SERVICE, take_apart
from pipeline.features.hashing import hash_text

PSL = PublicSuffixList()
labels = st.sampled_from(
    ("a", "mail", "co", "uk", "com", "ck", "www", "github", "io", "s3", "amazonaws", "example", "jp")
)


def _apart(*names: str) -> tuple[np.ndarray, ...]:
    raw = "".join(names).encode()
    size = np.array([len(n.encode()) for n in names], np.int32)
    start = np.concatenate(([0], np.cumsum(size)[:-1])).astype(np.int64)
    return take_apart(np.frombuffer(raw + b" ", np.uint8), start, size)


@settings(max_examples=80, deadline=None)
@given(st.lists(labels, min_size=2, max_size=6).map(".".join))
@example("x.y.foo.ck")
@example("mail.co.uk")
@example("a.www.ck")
def test_registered_domain(name: str) -> None:
    domain = PSL.privatesuffix(name) or name
    found = _apart(name.upper() + ".")
    assert found[0][0] == np.uint64(hash_text(domain))
    assert found[1][0, 0] == len(domain)
    before = name.removesuffix(domain).rstrip(".")
    assert found[3][0] == (np.uint64(hash_text(before)) if before else 0)


def test_drawn_letters_cost_more_than_chosen_ones() -> None:
    chosen = _apart("hospital.com", "windowsupdate.com", "krankenhaus.de", "belcast.example", "microsoftonline.com")[2]
    drawn = _apart("xkqjvzwpth.com", "kx7q2mzp1vt.com", "qwxzjkpvbn.net", "j8f3kd92mxq1.info")[2]
    assert chosen.max() < 0.0 < 10.0 < drawn.min()


def test_bits_are_those_of_random_labels_only() -> None:
    words, base32, digest, inside = _apart(
        "static.images.shop.example", "mf2gk3dpoj4xg5dfnr.tun.example", "9e107d9d372bb6826bd81d3542a419d6.av.example",
        "7.0.0.10.in-addr.arpa",
    )[4]  # fmt: skip
    assert words == 0.0 and base32 > 18 * PLAIN_BITS and digest > 100.0
    _, _, _, _, _, whole, flags = _apart(
        "9e107d9d372bb6826bd81d3542a419d6.av.example", "_x.hosp.example", "7.in-addr.arpa"
    )
    assert whole.tolist() == [True, False, False]
    assert flags.tolist() == [0, SERVICE, INSIDE]
    assert inside == 0.0
