"""Simulated hospitals with stories of known truth: how much is found, how often the alarm is false."""
