"""One file a part, found by scanning this folder; `benchmarks.quality.part` says what a part gives."""
