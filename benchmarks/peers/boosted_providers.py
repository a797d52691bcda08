"""Out-of-fold risk of each row by gradient boosting with all labels: a ceiling, in an environment with scikit-learn.

python boosted_providers.py X.npz RISK.npy
"""

import sys

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

source, target = sys.argv[1:]
with np.load(source) as table:
    X, y = table["X"], table["y"]
model = HistGradientBoostingClassifier(max_depth=3, learning_rate=0.05, max_iter=120, random_state=1)
folds = StratifiedKFold(5, shuffle=True, random_state=1)
np.save(target, cross_val_predict(model, X, y, cv=folds, method="predict_proba")[:, 1])
