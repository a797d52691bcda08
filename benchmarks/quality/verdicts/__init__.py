"""How much verdicts help: what the two parts about feedback share."""
