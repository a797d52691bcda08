"""Names of a list are told apart from links that are dead, records that are gone, and what is asked for again."""

from collections.abc import Iterable

import numpy as np
import pytest

from detectors.played import START, played
from pipeline.detectors.logs.page_guessing import PageGuessing
from pipeline.detectors.network.page_guessing import NetworkPageGuessing

ONE = {"kind": "web", "host": "portal", "src_ip": "10.0.7.9", "method": "GET", "status": 404}
WORDS = [
    f"/{first}{second}" for first in "abcdefghijklmnop" for second in ("old", "new", "test", "admin", "log", "x")
] * 2
LIST = [word if k < len(WORDS) // 2 else f"/app{word}" for k, word in enumerate(WORDS)]


def _best(uris: Iterable[str], **more: object) -> float:
    scores = played(PageGuessing, [ONE | {"ts": START + k, "uri": uri} | more for k, uri in enumerate(uris)])
    return 0.0 if np.isnan(scores).all() else float(np.nanmax(scores))


def test_a_list_of_names_is_told() -> None:
    assert len(set(LIST)) == 192 and _best(LIST) >= 0.5
    assert _best(LIST, method="HEAD", status=410) >= 0.5


@pytest.mark.parametrize(
    "more", [{"status": 200}, {"status": 403}, {"method": "PROPFIND"}, {"src_ip": "203.0.113.7"}, {"src_ip": ""}]
)
def test_answers_other_methods_and_the_internet_are_not(more: dict[str, object]) -> None:
    assert _best(LIST, **more) < 0.5


def test_numbers_and_what_follows_a_path_make_no_other_page() -> None:
    assert _best([f"/study/{k}/thumb{k}" for k in range(400)]) < 0.1
    assert _best([f"/missing?word={word}" for word in LIST]) < 0.1
    assert _best([f"/missing;word={word}" for word in LIST]) < 0.1


def test_slowly_or_beside_pages_that_are_there_it_is_quiet() -> None:
    slow = [ONE | {"ts": START + 60.0 * k, "uri": uri} for k, uri in enumerate(LIST)]
    assert np.nanmax(played(PageGuessing, slow)) < 0.5
    mixed = [ONE | {"ts": START + k, "uri": uri, "status": 404 if k % 2 else 200} for k, uri in enumerate(LIST)]
    assert np.nanmax(played(PageGuessing, mixed)) < 0.5


def test_of_a_sensor_only_requests_to_servers_inside_count() -> None:
    seen = {**ONE, "kind": "http", "dst_port": 80}
    for server, least in (("10.0.1.5", 0.5), ("198.51.100.4", 0.0)):
        asked = [seen | {"ts": START + k, "uri": uri, "dst_ip": server} for k, uri in enumerate(LIST)]
        scores = np.nan_to_num(played(NetworkPageGuessing, asked))
        assert scores.max() >= least and (least > 0 or scores.max() == 0.0)
