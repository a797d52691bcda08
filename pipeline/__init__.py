"""wardwatch: streaming detection for hospitals. One room a concern; README.md has the map."""
