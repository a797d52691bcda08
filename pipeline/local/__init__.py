"""A one-node Kafka and a ClickHouse-protocol server made from Python packages alone, and a supervisor for both."""
