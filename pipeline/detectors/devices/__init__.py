"""Detectors on what devices are: the inventory, their software, and machines that are in no inventory."""
