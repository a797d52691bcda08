"""Makes `river.anomaly.touchy` importable in a worker that a test starts with this folder on its PYTHONPATH."""

from pathlib import Path

import river.anomaly

river.anomaly.__path__.append(str(Path(__file__).parent))
