"""The Faust app, from a factory: one agent a topic, chunk transport, our own commits."""

import logging
import uuid
from functools import partial
from time import time

import faust
from faust.types.auth import SASLMechanism
from yarl import URL

from pipeline.response.playbook_set import PlaybookSet
from pipeline.response.responder import Responder
from pipeline.runtime.checkpoint.store import CheckpointStore
from pipeline.runtime.line import Plan
from pipeline.runtime.lists.allowed import untouchable
from pipeline.runtime.lists.feed import ListFeed
from pipeline.runtime.lists.versions import LoadedList, version_rows
from pipeline.runtime.relay.notes import TOPIC
from pipeline.runtime.response_desk import ResponseDesk
from pipeline.runtime.row_writer import RowWriter
from pipeline.runtime.secrets import key_bytes
from pipeline.runtime.transport.chunk_transport import ChunkSchema, ChunkTransport
from pipeline.runtime.worker import Worker
from pipeline.runtime.worker_state import WorkerState
from pipeline.settings import Settings
from pipeline.sinks.clickhouse import ClickHouse
from pipeline.sinks.document_producer import DocumentProducer
from pipeline.sinks.kafka import tls_context
from schemas.sources import SOURCES

# The worker has its own watchdog; a sink outage of any length must not make the group drop us.
_POLL_INTERVAL_S = 604_800
_FETCH_BYTES = 4 << 20
_CHUNKS_WAITING = 4
_TOPICS_SEEN_MS = 15_000
"""A topic that was made anew is noticed by then; each look costs one small request."""
log = logging.getLogger(__name__)


def _credentials(settings: Settings) -> faust.SASLCredentials | faust.SSLCredentials | None:
    context = tls_context(settings)
    if settings.kafka_security == "SASL_SSL":
        return faust.SASLCredentials(
            username=settings.kafka_username,
            password=settings.secret("kafka_password"),
            mechanism=SASLMechanism(settings.kafka_sasl_mechanism),
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context is not None else None


def create_worker(settings: Settings, *, make_keys: bool) -> Worker:
    """A worker with its Faust app, not yet started. Raises ConfigError or UsageError for unusable settings."""
    plan = Plan.of(settings, make_keys=make_keys)
    store = CheckpointStore(settings.checkpoints, key_bytes(settings, "checkpoint_key", make=make_keys))
    state = WorkerState(plan, store, settings.topic_prefix)
    for source in (*SOURCES, TOPIC):
        state.line(source)
    writer = RowWriter(lambda: ClickHouse.connect(settings), rows=settings.insert_rows, every_s=settings.insert_every_s)
    pseudonym = plan.pseudonymiser.of if plan.pseudonymiser else None
    feed = ListFeed(settings, plan.lists, pseudonym, on_load=partial(_note_version, writer))
    playbooks = PlaybookSet.load(settings.response.playbooks, shipped=settings.response.shipped_playbooks)
    allowed = untouchable(plan.lists, time)
    desk = ResponseDesk(
        settings, writer, lambda publish: Responder(settings.response, playbooks, publish, allowed=allowed)
    )
    worker = Worker(settings, state, writer, DocumentProducer(settings), feed, desk)
    worker.app = _create_app(settings, worker)
    return worker


async def _note_version(writer: RowWriter, found: LoadedList) -> None:
    at = time()
    await writer.give("list_versions", version_rows([found], at), f"list {found.name} {at}")


def _create_app(settings: Settings, worker: Worker) -> faust.App:
    urls = [URL(f"kafka://{server}") for server in settings.kafka_bootstrap.split(",")]
    app = faust.App(
        settings.consumer_group,
        broker=urls,
        broker_credentials=_credentials(settings),
        broker_max_poll_interval=_POLL_INTERVAL_S,
        broker_client_id=f"wardwatch-{uuid.uuid4().hex[:8]}",
        broker_session_timeout=settings.session_timeout_s,
        broker_heartbeat_interval=settings.session_timeout_s / 6,
        consumer_max_fetch_size=_FETCH_BYTES,
        consumer_auto_offset_reset="earliest",
        consumer_metadata_max_age_ms=_TOPICS_SEEN_MS,
        stream_buffer_maxsize=_CHUNKS_WAITING,
        stream_wait_empty=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        store="memory://",
        datadir=settings.data_dir / "faust",
        autodiscover=False,
    )
    app.transport = ChunkTransport(urls, app)
    app.chunk_records = settings.chunk_records
    app.restore_partitions = worker.restore
    schema = ChunkSchema(key_serializer="raw", value_serializer="raw")
    agents = dict.fromkeys((*SOURCES, TOPIC), worker.score)
    agents |= {"deadletter": worker.bury, "feedback": worker.hear, "incidents": worker.respond}
    for name, agent in agents.items():
        topic = app.topic(settings.topic_prefix + name, schema=schema, value_serializer="raw", key_serializer="raw")
        app.agent(topic, name=f"wardwatch.{name}")(agent)

    app.on_partitions_revoked.connect(worker.revoked)
    return app
