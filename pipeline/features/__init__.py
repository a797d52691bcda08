"""Events → columns, hashes and entity windows: what detectors compute with."""
