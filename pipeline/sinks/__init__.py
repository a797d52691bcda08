"""Where results go: ClickHouse tables and Kafka topics."""
