"""ROC AUC of every anomaly model on every case, as points, so that one sees which model is where it leads."""

from pathlib import Path

from benchmarks.quality.part import Row


def draw(rows: list[Row], key: str, file: Path) -> None:
    """One line of points a set and `key` (protocol or case), one colour a model; means are left out."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    shown = [r for r in rows if r["set"] != "mean"]
    cases = list(dict.fromkeys(f"{r['set']}, {r[key]}" for r in shown))
    figure, axes = pyplot.subplots(figsize=(9, 1.5 + 0.28 * len(cases)))
    for k, model in enumerate(dict.fromkeys(str(r["model"]) for r in shown)):
        mine = [r for r in shown if r["model"] == model]
        x, y = [float(str(r["AUC"])) for r in mine], [cases.index(f"{r['set']}, {r[key]}") for r in mine]
        axes.scatter(
            x, y, s=60 if k == 0 else 24, marker="D" if k == 0 else "o", label=model, zorder=3 if k == 0 else 2
        )
    axes.set_yticks(range(len(cases)), cases)
    axes.invert_yaxis()
    axes.grid(alpha=0.3)
    axes.set_xlabel("ROC AUC")
    axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    pyplot.close(figure)
