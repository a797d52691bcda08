"""Scores of one anomaly detector from another library, in an environment with `requirements.txt` beside this file.

python anomaly_scores.py MODEL X.npz SEED SCORES.npz
"""

import sys
import time

import numpy as np


def _scores(model, table, seed):
    if model == "dSalmon RS-Hash":
        from dSalmon import outlier

        made = outlier.RSHash(window=2000, n_estimators=100, cms_w=4, cms_d=1000, seed=seed)
        return made.fit_predict(table["min_max"])
    if model == "dSalmon SDOstream":
        from dSalmon import outlier

        return outlier.SDOstream(k=500, T=2000, seed=seed).fit_predict(table["standardised"])
    if model == "PySAD KitNET":
        from pysad.models import KitNet

        np.random.seed(seed)
        made = KitNet(max_size_ae=10, grace_feature_mapping=200, grace_anomaly_detector=1000)
        out = []
        for row in table["raw"]:
            made.fit_partial(row)
            out.append(made.score_partial(row))
        return np.array(out)
    raise SystemExit(f"no such model: {model}")


def main():
    model, source, seed, target = sys.argv[1:]
    with np.load(source) as loaded:
        table = {name: loaded[name] for name in loaded.files}
    start = time.process_time()
    scores = np.asarray(_scores(model, table, int(seed)), dtype=float).ravel()
    np.savez(target, scores=scores, seconds=time.process_time() - start)


main()
