"""Kafka from our side: how clients connect, and the topics."""

import ssl
from typing import Any, Protocol

import kafka
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from pipeline.errors import ConfigError, SinkError
from schemas.topics import TOPICS, Topic

_LIMIT_S = 30
_ANSWER_MS = 8000
"""A broker that has not answered by then is taken for unreachable."""


class Broker(Protocol):
    """What is needed to reach a Kafka (see `pipeline.settings.Settings`)."""

    @property
    def kafka_bootstrap(self) -> str: ...
    @property
    def kafka_security(self) -> str: ...
    @property
    def kafka_sasl_mechanism(self) -> str: ...
    @property
    def kafka_username(self) -> str | None: ...
    @property
    def kafka_ca_file(self) -> Any: ...
    @property
    def kafka_cert_file(self) -> Any: ...
    @property
    def kafka_key_file(self) -> Any: ...
    @property
    def kafka_replication(self) -> int: ...
    @property
    def topic_prefix(self) -> str: ...
    @property
    def partitions(self) -> int | None: ...

    def secret(self, name: str) -> str | None: ...


def tls_context(settings: Broker) -> ssl.SSLContext | None:
    """TLS with verified host names where the settings ask for it. Raises ConfigError for unreadable files."""
    if settings.kafka_security == "PLAINTEXT":
        return None
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ca_file)
        if settings.kafka_cert_file:
            context.load_cert_chain(settings.kafka_cert_file, settings.kafka_key_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"the Kafka TLS files cannot be used: {error}") from error
    return context


def client_options(settings: Broker) -> dict[str, Any]:
    """Connection options that kafka-python and aiokafka share."""
    options: dict[str, Any] = {"bootstrap_servers": settings.kafka_bootstrap.split(",")}
    if settings.kafka_security != "PLAINTEXT":
        options |= {"security_protocol": settings.kafka_security, "ssl_context": tls_context(settings)}
    if settings.kafka_security == "SASL_SSL":
        options |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_username,
            "sasl_plain_password": settings.secret("kafka_password"),
        }
    return options


def create_topics(settings: Broker) -> list[str]:
    """Make the topics that are missing; their names. Raises SinkError when the broker does not answer or refuses."""
    try:
        admin = KafkaAdminClient(
            **client_options(settings), request_timeout_ms=_LIMIT_S * 1000, bootstrap_timeout_ms=_ANSWER_MS
        )
    except KafkaError as error:
        raise SinkError(f"Kafka at {settings.kafka_bootstrap} does not answer ({type(error).__name__})") from error
    made = []
    try:
        existing = set(admin.list_topics())
        for topic in TOPICS.values():
            name = settings.topic_prefix + topic.name
            if name not in existing and _create(admin, settings, topic, name):
                made.append(name)
    except KafkaError as error:
        raise SinkError(f"Kafka refuses to create topics ({type(error).__name__})") from error
    finally:
        admin.close()
    return made


def _create(admin: KafkaAdminClient, settings: Broker, topic: Topic, name: str) -> bool:
    count = topic.partitions if topic.partitions == 1 or not settings.partitions else settings.partitions
    try:
        admin.create_topics([NewTopic(name, count, settings.kafka_replication, topic_configs=topic.config())])
    except TopicAlreadyExistsError:
        return False  # another worker was quicker
    return True


def plain_consumer(settings: Broker, **options: Any) -> kafka.KafkaConsumer:
    """A kafka-python consumer. Raises SinkError when the broker does not answer."""
    try:
        return kafka.KafkaConsumer(**client_options(settings), **{"bootstrap_timeout_ms": _ANSWER_MS, **options})
    except KafkaError as error:
        raise SinkError(f"Kafka at {settings.kafka_bootstrap} does not answer ({type(error).__name__})") from error


def plain_producer(settings: Broker, **options: Any) -> kafka.KafkaProducer:
    """A kafka-python producer. Raises SinkError when the broker does not answer."""
    try:
        return kafka.KafkaProducer(**client_options(settings), **{"bootstrap_timeout_ms": _ANSWER_MS, **options})
    except KafkaError as error:
        raise SinkError(f"Kafka at {settings.kafka_bootstrap} does not answer ({type(error).__name__})") from error
