"""One machine, real parts: broker, database, worker."""

import sys

import click

from pipeline.cli.local import running_stack
from pipeline.settings import load_settings


@click.command()
@click.option("--kafka-port", default=9092, show_default=True, type=click.IntRange(1, 65535))
@click.option("--clickhouse-port", default=8123, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 16))
def run(kafka_port: int, clickhouse_port: int, workers: int) -> int:
    """Start Kafka, ClickHouse and a worker on this machine; Ctrl-C stops them.

    Data, logs and keys are kept in the data folder (WARDWATCH_DATA_DIR, by default ~/.wardwatch).
    """
    folder = load_settings().data_dir
    with running_stack(folder, kafka_port=kafka_port, clickhouse_port=clickhouse_port, workers=workers) as stack:
        print(f"\nwardwatch runs. Kafka {stack.kafka.bootstrap} · ClickHouse {stack.clickhouse.url}", file=sys.stderr)
        print(f"  feed it:   wardwatch ship YOUR-LOGS/   (with WARDWATCH_KAFKA_BOOTSTRAP={stack.kafka.bootstrap})")
        print("  see:       wardwatch alerts --from-beginning")
        print(f"  query:     curl '{stack.clickhouse.url}/' --data 'SELECT * FROM current_alerts LIMIT 10'")
        print(f"  data, logs, keys: {folder}.   Ctrl-C stops everything.", flush=True)
        stack.watch()
        print("stopping …", file=sys.stderr)
    return 0
