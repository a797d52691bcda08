"""Runs of neighbouring record numbers."""

import numpy as np

from pipeline.detectors.memory.id_runs import IdRuns


def _walk(uris: list[str], step_s: float = 1.0, refused: bool = False) -> np.ndarray:
    """float64[4]: what is known after the last request."""
    raw = [uri.encode() for uri in uris]
    length = np.array([len(r) for r in raw])
    start = np.concatenate(([0], np.cumsum(length)[:-1]))
    n = len(uris)
    when = (1e6 + step_s * np.arange(n), np.zeros(n, np.int32))
    data = np.frombuffer(b"".join(raw), np.uint8)
    last: np.ndarray = IdRuns(1, 64).add(
        data, (start, length), np.full(n, 7, np.uint64), np.full(n, refused), when
    )[:, -1]  # fmt: skip
    return last


def test_numbers_in_order_are_counted_whatever_stands_around_them() -> None:
    for shape in ("/patients/{}", "/fhir/Patient/{}/labs?full=1", "/mrn-{}", "/x?a=b&patient_id={}&t=9", "/x?mrn={}"):
        run, _, seconds, _ = _walk([shape.format(k) for k in range(500, 530)])
        assert run >= 27, shape  # a bit of 256 may be shared
        assert 0.9 < seconds < 1.2, shape


def test_no_records_are_counted() -> None:
    for shape in ("/list?page={}", "/frames/{}", "/img_{}", "/tile-{}", "/a/{}.png", "/x?_={}", "/{}x"):
        assert _walk([shape.format(k) for k in range(500, 530)])[0] == 0, shape


def test_a_number_is_counted_once() -> None:
    assert _walk(["/patients/5", "/patients/6"] * 30)[0] <= 2


def test_drawn_numbers_are_no_run_but_counted_where_refused() -> None:
    drawn = [f"/patients/{7919 * k % 9973}" for k in range(40)]
    assert _walk(drawn)[0] < 5
    assert _walk(drawn)[1] == 0
    assert _walk(drawn, refused=True)[1] > 30


def test_a_pause_ends_a_run_and_templates_are_counted_apart() -> None:
    assert _walk([f"/patients/{k}" for k in range(30)], step_s=61.0)[0] == 1
    assert _walk([f"/{'abcdefghij'[k % 10]}/{k}" for k in range(30)])[0] <= 3


def test_hostile_requests_are_read_to_their_end() -> None:
    assert _walk(["", "?", "/", "/?=", "/9" * 3000, "/" + "9" * 400, "?id=", "?id=&&&", "/\xff/7"]).shape == (4,)
