"""wardwatch: streaming detection for hospitals. One room a concern; README.md has the map."""

from pipeline import kernel_cache

# Before anything imports numba, which reads the setting once.
kernel_cache.choose()
