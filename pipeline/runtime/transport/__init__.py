"""Chunks of records from Kafka to the agents, and what can be wrong with a log."""
