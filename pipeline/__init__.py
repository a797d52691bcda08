"""wardwatch: streaming detection for hospitals. One room a concern; see infra/decisions and README.md for the map."""
