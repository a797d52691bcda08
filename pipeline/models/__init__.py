"""Online models: River-style estimators with a compiled mini-batch that is equal, score for score, to the loop."""
