"""Rare lines stand out, new numbers do not; memory of templates is bounded and moves as plain JSON."""

import numpy as np
import pytest

from detectors.played import START, decoded, played
from pipeline.detectors.logs.rare_template import RareTemplate
from pipeline.detectors.logs.template_miner import MAX_TEMPLATES, TemplateMiner
from pipeline.errors import CheckpointError

LINE = {"kind": "line", "host": "srv", "program": "app"}


def _usual(n: int) -> list[dict[str, object]]:
    words = ("request {} served in {} ms", "cache holds {} of {} entries", "peer 10.0.0.{} said hello {}")
    return [LINE | {"ts": START + i, "message": words[i % 3].format(i % 250, i * 7)} for i in range(n)]


def test_a_new_line_stands_out_and_its_repeats_fade() -> None:
    odd = [LINE | {"ts": START + 2000 + i, "message": "checksum of volume does not match"} for i in range(60)]
    scores = played(RareTemplate, [*_usual(1500), *odd])
    assert np.isnan(scores[:256]).all()
    assert scores[1500] > 0.999 and scores[1500] > np.nanmax(scores[400:1500])
    assert scores[-1] < scores[1500]


def test_what_other_hosts_of_the_key_group_write_surprises_less() -> None:
    groups = decoded("logs", [LINE | {"ts": START, "host": f"srv{i}"} for i in range(60)]).groups
    first, second = np.flatnonzero(groups == groups[0])[:2]
    usual = [e | {"host": f"srv{first}"} for e in _usual(900)]
    known = {"message": "replica caught up with its primary"}
    other = [LINE | known | {"host": f"srv{second}", "ts": START + 900 + i} for i in range(400)]
    last = LINE | known | {"host": f"srv{first}", "ts": START + 2000}
    never = last | {"message": "replica lost sight of its primary volume"}
    assert played(RareTemplate, [*usual, *other, last])[-1] < played(RareTemplate, [*usual, *other, never])[-1]


def test_a_restart_gets_no_opinion_and_what_comes_long_after_does() -> None:
    lines = (("kernel", "Linux version 6.1 booting", 0.0), ("app", "waits for its volume", 600.0),
             ("app", "checksum of volume does not match", 2400.0))  # fmt: skip
    odd = [LINE | {"ts": START + 1500 + after, "program": name, "message": text} for name, text, after in lines]
    restarted = played(RareTemplate, [*_usual(1500), *odd])[1500:]
    assert np.isnan(restarted[:2]).all() and restarted[2] > 0.999
    without = played(RareTemplate, [*_usual(1500), *odd[1:]])[1500:]
    assert (without > 0.999).all()


def test_an_id_without_a_digit_is_an_id() -> None:
    named = [LINE | {"ts": START + i, "message": f"A^R1 {i:08x} passed {i}"} for i in range(1, 600)]
    letters, word = ({"ts": START + 700, "message": f"A^R1 {x} passed 7"} for x in ("afebcbaa", "cafeteria"))
    known, new = (played(RareTemplate, [*_usual(600), *named, LINE | x])[-1] for x in (letters, word))
    assert known == 0.0 and new > 0.9


def test_a_line_of_mostly_numbers_is_the_same_line_again() -> None:
    miner = TemplateMiner(1)
    line = ["app", "<*>", "<*>", "to", "<*>", "<*>"]
    assert len({miner.template(0, line) for _ in range(3)}) == 1


def test_templates_are_bounded_and_move() -> None:
    first, second = TemplateMiner(1), TemplateMiner(1)
    rng = np.random.default_rng(7)
    lines = [["app", *(f"w{c}" for c in rng.choice(list("abcdefghijklmnop"), 5))] for _ in range(2500)]
    for words in lines[:2000]:
        first.template(0, words)
    second.load(0, first.state(0))
    assert [first.template(0, w) for w in lines[2000:]] == [second.template(0, w) for w in lines[2000:]]
    np.testing.assert_array_equal(first.state(0)["json"], second.state(0)["json"])
    assert first.state(0)["json"].nbytes < 200 * MAX_TEMPLATES


@pytest.mark.parametrize("text", [b"", b"{}", b"[1,2,3]", b'[1,1,[["a",1,[]]],[[],{}]]'])
def test_a_damaged_state_is_refused(text: bytes) -> None:
    with pytest.raises(CheckpointError):
        TemplateMiner(1).load(0, {"json": np.frombuffer(text, np.uint8)})
