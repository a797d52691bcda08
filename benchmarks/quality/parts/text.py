"""Texts told apart online: HTTP parameters, short messages, addresses of sites never seen."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from river import compose, feature_extraction, linear_model

from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from benchmarks.starting_models import host_of, messages, requests, urls
from pipeline.ingest.mail.links import registered
from pipeline.models.metrics import average_precision, roc_auc
from pipeline.models.text_classifier import TextClassifier

title = "Text: attacks in requests, spam, phishing addresses"
protocol = """One pass, each text scored before its label is learned, every label known at once (these are supervised
models). Requests (HttpParamsDataset) in random order, messages (SMS Spam Collection) as recorded and in random order;
the first tenth is learned and not counted. Addresses (PhishTank and honest ones): half of the registered domains are
learned in random order, the addresses of the others are scored without learning, so that no site was seen before;
scheme and `www.` are stripped for all. `hosts alone` scores each unseen host once, without its path. Mean over the
seeds. Peers see the same texts in the same order: River's bag of character n-grams with logistic regression (its
multinomial naive Bayes was below it on all sets but messages, at ten times its cost), and the length of the text."""

Scorer = Callable[[list[str], np.ndarray, np.ndarray], np.ndarray]
"""(texts, labels, whether each is learned) → scores, each before learning."""


def _ours(form: str, rate: float, texts: list[str], y: np.ndarray, learn: np.ndarray) -> np.ndarray:
    model = TextClassifier(form, learning_rate=rate)  # type: ignore[arg-type]
    return np.asarray(model.score_texts(texts, np.where(learn, y, np.nan)))


def _river(texts: list[str], y: np.ndarray, learn: np.ndarray) -> np.ndarray:
    bag = feature_extraction.BagOfWords(tokenizer=_ngrams, on="text")
    model = compose.Pipeline(bag, linear_model.LogisticRegression())
    out = np.empty(len(texts))
    for i, text in enumerate(texts):
        x = {"text": text}
        out[i] = model.predict_proba_one(x).get(True, 0.5)
        if learn[i]:
            model.learn_one(x, bool(y[i]))
    return out


def _ngrams(text: str) -> list[str]:
    text = text.lower()[:1024]
    return [text[i : i + n] for n in (1, 2, 3) for i in range(len(text) - n + 1)]


def _length(texts: list[str], y: np.ndarray, learn: np.ndarray) -> np.ndarray:  # noqa: ARG001
    return np.array([len(t) for t in texts], float)


def _contenders(form: str) -> dict[str, Scorer]:
    return {
        "TextClassifier (ours)": partial(_ours, form, 0.3 if form == "url" else 0.4),
        "River n-grams, logistic": _river,
        "length": _length,
    }


Drawn = tuple[list[str], np.ndarray, np.ndarray, np.ndarray]
"""Texts, labels, which are learned, which count."""


def _prequential(found: list[tuple[str, bool]], seed: int | None) -> Drawn:
    order = np.arange(len(found)) if seed is None else np.random.default_rng(seed).permutation(len(found))
    y = np.array([found[i][1] for i in order], float)
    counted = np.arange(len(order)) >= len(order) // 10
    return [found[i][0] for i in order], y, np.ones(len(order), bool), counted


def _unseen(found: list[tuple[str, bool]], hosts: bool, seed: int) -> Drawn:
    """Learned addresses first, then those of other registered domains, which count."""
    rng = np.random.default_rng(seed)
    plain = [(url.split("://", 1)[-1].removeprefix("www."), bad) for url, bad in found]
    if hosts:
        plain = sorted({(host_of(url).lower(), bad) for url, bad in plain})
    sites = [registered(host_of(url)) for url, _ in plain]
    known = set(rng.permutation(sorted(set(sites)))[: len(set(sites)) // 2].tolist())
    learn = np.array([site in known for site in sites])
    order = np.concatenate([rng.permutation(np.flatnonzero(learn)), np.flatnonzero(~learn)])
    y = np.array([plain[i][1] for i in order], float)
    return [plain[i][0] for i in order], y, learn[order], ~learn[order]


def run(options: Options) -> list[Row]:
    """ROC AUC, average precision and µs a text, by set and contender."""
    folder = options.path("text").parent
    web, spam, addresses = requests(folder), messages(folder), urls(folder)
    _ours("url", 0.3, ["a.example"], np.ones(1), np.ones(1, bool))  # compile before anything is timed
    cases = {
        "HTTP parameters, random order": ("text", partial(_prequential, web), options.seeds),
        "SMS, as recorded": ("text", lambda _: _prequential(spam, None), 1),
        "SMS, random order": ("text", partial(_prequential, spam), options.seeds),
        "URLs, unseen sites": ("url", partial(_unseen, addresses, False), options.seeds),
        "URLs, unseen sites, hosts alone": ("url", partial(_unseen, addresses, True), options.seeds),
    }
    return [row for name, (form, draw, seeds) in cases.items() for row in _case(name, form, draw, seeds)]


def _case(name: str, form: str, draw: Callable[[int], Drawn], seeds: int) -> list[Row]:
    rows: list[Row] = []
    for contender, scorer in _contenders(form).items():
        found = []
        for seed in range(1, seeds + 1):
            texts, y, learn, counted = draw(seed)
            begin = time.perf_counter()
            score = scorer(texts, y, learn)
            cost = (time.perf_counter() - begin) / len(texts) * 1e6
            found.append(
                (roc_auc(y[counted] > 0, score[counted]), average_precision(y[counted] > 0, score[counted]), cost)
            )
        auc, precision, cost = np.mean(found, axis=0)
        row: Row = {"set": name, "model": contender, "ROC AUC": round(float(auc), 5), "AP": round(float(precision), 5)}
        rows.append(
            row | {"lowest AUC": round(min(f[0] for f in found), 5), "seeds": seeds, "µs": round(float(cost), 1)}
        )
    return rows


def plot(rows: list[Row], folder: Path) -> None:
    """One group of bars a set."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    sets = list(dict.fromkeys(str(r["set"]) for r in rows))
    models = list(dict.fromkeys(str(r["model"]) for r in rows))
    figure, axes = pyplot.subplots(figsize=(10, 4))
    for k, model in enumerate(models):
        values = [next(float(str(r["ROC AUC"])) for r in rows if r["set"] == s and r["model"] == model) for s in sets]
        axes.bar(np.arange(len(sets)) + 0.2 * k, values, 0.18, label=model)
    axes.set_xticks(np.arange(len(sets)) + 0.3, [s.replace(", ", ",\n") for s in sets])
    axes.set(ylabel="ROC AUC", ylim=(0.4, 1.0))
    axes.legend(loc="lower left")
    figure.tight_layout()
    figure.savefig(folder / "text.png", dpi=110)
