"""The text classifier: the same in batches, one by one and after saving; bounded, causal, unimpressed by anything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.models.starting import BITS, NAMES, starting_model
from pipeline.models.text_classifier import TextClassifier

ATTACKS = ["1' or 1=1--", "<script>alert(1)</script>", "../../etc/passwd", "; cat /etc/shadow", "union select null"]
ORDINARY = ["heart attack", "ward 7", "page 2", "jane roe", "2026-11-24", "blood pressure", "discharge letter"]


def _columns(texts: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    raw = [t.encode("utf-8", "surrogatepass") for t in texts]
    length = np.array([len(r) for r in raw], np.int32)
    return np.frombuffer(b"".join(raw), np.uint8), np.r_[0, np.cumsum(length, dtype=np.int64)][:-1], length


def _stream(n: int, seed: int) -> tuple[list[str], np.ndarray]:
    rng = np.random.default_rng(seed)
    bad = rng.random(n) < 0.5
    texts = [f"{(ATTACKS if b else ORDINARY)[rng.integers(5)]} {rng.integers(99)}" for b in bad]
    return texts, bad.astype(float)


@pytest.mark.parametrize("form", ["text", "url"])
def test_it_learns_and_one_by_one_is_the_batch(form: str) -> None:
    texts, bad = _stream(300, 1)
    whole = TextClassifier(form, bits=12).score_texts(texts, bad)  # type: ignore[arg-type]
    single, scores = TextClassifier(form, bits=12), []  # type: ignore[arg-type]
    for text, y in zip(texts, bad, strict=True):
        scores.append(single.predict_proba_one({"text": text})[True])
        single.learn_one({"text": text}, bool(y))
    np.testing.assert_array_equal(whole, scores)
    assert whole[0] == 0.5
    late = slice(200, None)
    assert whole[late][bad[late] == 1].min() > whole[late][bad[late] == 0].max()


@settings(max_examples=20, deadline=None)
@given(texts=st.lists(st.text(max_size=60), max_size=12), at=st.integers(0, 12), form=st.sampled_from(["text", "url"]))
def test_cuts_and_moves_change_nothing(texts: list[str], at: int, form: str) -> None:
    data, start, length = _columns(texts)
    groups = np.arange(len(texts), dtype=np.int32) % 2
    target = np.arange(len(texts)) % 3 / 2.0
    whole = TextClassifier(form, 2, 10).score_learn_many(data, start, length, target, groups=groups)  # type: ignore[arg-type]
    first, second = TextClassifier(form, 2, 10), TextClassifier(form, 2, 10)  # type: ignore[arg-type]
    a = first.score_learn_many(data, start[:at], length[:at], target[:at], groups=groups[:at])
    for g in range(2):
        second.load(g, first.state(g))
    b = second.score_learn_many(data, start[at:], length[at:], target[at:], groups=groups[at:])
    np.testing.assert_array_equal(np.concatenate([a, b]), whole)
    assert ((whole >= 0) & (whole <= 1)).all()


def test_without_target_nothing_is_learned_and_no_text_has_no_score() -> None:
    model = TextClassifier(bits=10)
    data, start, length = _columns(["a word", "b"])
    length[1] = -1
    before = model.state(0)
    scores = model.score_learn_many(data, start, length)
    assert scores[0] == 0.5 and np.isnan(scores[1])
    assert all(np.array_equal(before[k], v) for k, v in model.state(0).items())


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(UsageError, match="text or url"):
        TextClassifier("html")  # type: ignore[arg-type]
    data, start, length = _columns(["abc"])
    with pytest.raises(UsageError, match="outside"):
        TextClassifier(bits=10).score_learn_many(data, start, length + 1)
    with pytest.raises(UsageError, match="does not fit"):
        TextClassifier(bits=12, start=starting_model("url"))
    with pytest.raises(UsageError, match="no starting model"):
        starting_model("nothing")


@pytest.mark.parametrize("name", NAMES)
def test_starting_models_are_sound(name: str) -> None:
    arrays = starting_model(name)
    assert arrays["w"].shape == (1 << BITS,) and np.isfinite(arrays["w"]).all() and (arrays["square"] > 0).all()
    assert np.count_nonzero(arrays["w"]) > 1000


def test_starting_models_know_bait_they_never_saw() -> None:
    url = TextClassifier("url", bits=BITS, start=starting_model("url"))
    bait = url.score_texts(["http://secure-paypa1-login.example/verify/account.php?id=2", "hospital-payroll.xyz/login"])
    honest = url.score_texts(["https://www.mayoclinic.org/diseases", "portal.azure.com", "ocsp.digicert.com"])
    assert bait.min() > 0.9 and honest.max() < 0.5
    request = TextClassifier("text", bits=BITS, start=starting_model("request"))
    assert (
        request.score_texts(["9 union all select null,null--"])[0] > 0.9 > 0.1 > request.score_texts(["heart rate"])[0]
    )


def test_words_of_bait_and_of_honest_mail() -> None:
    """Both push and speak of mail and money; what newsletters and colleagues write is not taken for bait."""
    words = TextClassifier("text", bits=BITS, start=starting_model("bait"))
    bait = words.score_texts(
        ["account click deactivation dear email hours kindly mailbox storage upgrade verify",
         "access account confirm device limited login password security suspended unusual verify"]
    )  # fmt: skip
    honest = words.score_texts(
        ["attached call discussed draft meeting monday please project thanks think week",
         "click email news october privacy read subscribe thursday today unsubscribe view week"]
    )  # fmt: skip
    assert bait.min() > 0.9 and honest.max() < 0.5
