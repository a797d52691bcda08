"""What server applications write to syslog: some sixty templates with parameters."""

from pipeline.simulator.activities.activity import Activity
from pipeline.simulator.documents import logs
from pipeline.simulator.draws import Draws, Weighted
from pipeline.simulator.rhythm import machine
from pipeline.simulator.verbs.scene import Scene

# Program, servers it runs on, and (weight, severity, template). {a} {b} numbers, {ms} milliseconds, {u} user,
# {ip} a desk's address, {h} a hexadecimal id, {s} a server.
_PROGRAMS: tuple[tuple[str, tuple[str, ...], tuple[tuple[float, int, str], ...]], ...] = (
    (
        "ehr-app",
        ("ehr1", "ehr2"),
        (
            (30, 6, "request {h} GET /chart/{a} completed in {ms} ms"),
            (12, 6, "session {h} opened from {ip}"),
            (12, 6, "session {h} closed after {a} s"),
            (8, 6, "cache refresh: {a} entries, {b} evicted"),
            (6, 6, "order {a} released to department queue {b}"),
            (4, 4, "slow query took {ms} ms (plan {h})"),
            (3, 6, "document {h} rendered, {a} pages"),
            (2, 5, "lock on record {h} waited {ms} ms"),
            (1, 4, "retry {a} of message {h}"),
            (0.4, 3, "connection pool exhausted, {a} waiting"),
            (5, 6, "worker {a} heartbeat ok, queue depth {b}"),
            (2, 6, "interface ack AA for message {h}"),
        ),
    ),
    (
        "postgres",
        ("ehrdb1",),
        (
            (20, 6, "checkpoint complete: wrote {a} buffers; write={ms} ms"),
            (10, 6, "connection received: host={s} port={a}"),
            (10, 6, "connection authorized: user=ehr database=ehr"),
            (4, 6, "automatic vacuum of table ehr.audit: {a} pages"),
            (2, 4, "duration: {ms} ms statement: {h}"),
            (0.5, 3, "deadlock detected, process {a} waits for {b}"),
        ),
    ),
    (
        "hl7-engine",
        ("intf1", "lis1"),
        (
            (25, 6, "ADT^A08 {h} routed to {a} destinations"),
            (25, 6, "ORU^R01 {h} accepted from channel {a}"),
            (10, 6, "ACK received for {h} in {ms} ms"),
            (6, 6, "channel {a} keepalive"),
            (2, 4, "message {h} has unknown segment at {a}"),
            (0.8, 3, "channel {a} disconnected, reconnecting in {b} s"),
        ),
    ),
    (
        "pacs-core",
        ("pacs1",),
        (
            (15, 6, "C-STORE association {a} accepted, {b} instances"),
            (8, 6, "C-FIND study level returned {a} matches"),
            (6, 6, "study {h} archived to tier {a}"),
            (3, 6, "prefetch of {a} priors for worklist {b}"),
            (1, 4, "association {a} aborted by peer"),
            (0.3, 3, "storage tier {a} latency {ms} ms"),
        ),
    ),
    (
        "named",
        ("dns1",),
        (
            (20, 6, "client {ip}#{a}: query cache hit"),
            (6, 6, "zone hosp.example/IN: sent notifies (serial {a})"),
            (4, 5, "lame server resolving host {h}"),
            (1, 6, "transfer of zone hosp.example to {s} ended"),
        ),
    ),
    (
        "postfix/smtpd",
        ("mail1",),
        (
            (20, 6, "connect from unknown[{ip}]"),
            (20, 6, "disconnect from unknown[{ip}] commands={a}"),
            (10, 6, "{h}: client=unknown[{ip}]"),
            (2, 4, "warning: hostname does not resolve to {ip}"),
        ),
    ),
    (
        "postfix/qmgr",
        ("mail1",),
        ((15, 6, "{h}: from=<{u}@hosp.example>, size={a}, nrcpt=1"), (15, 6, "{h}: removed")),
    ),
    (
        "squid",
        ("proxy1",),
        ((20, 6, "{ms} {ip} TCP_MISS/200 {a} CONNECT"), (6, 6, "{ms} {ip} TCP_TUNNEL/200 {a} CONNECT")),
    ),
    (
        "bacula-sd",
        ("backup1",),
        (
            (4, 6, "Volume Vol-{a} mounted on device tape{b}"),
            (6, 6, "job {a} wrote {b} files"),
            (3, 6, "job {a} Termination: Backup OK"),
            (0.5, 4, "job {a} waiting for storage"),
        ),
    ),
    (
        "cron",
        ("ehr1", "ehrdb1", "web1", "lis1", "monitor1"),
        (
            (6, 6, "(root) CMD (/usr/lib/sysstat/sa1 1 1)"),
            (4, 6, "(root) CMD (run-parts /etc/cron.hourly)"),
            (2, 6, "(ehr) CMD (/opt/ehr/bin/rotate --keep {a})"),
        ),
    ),
    (
        "systemd",
        ("ehr1", "ehr2", "ehrdb1", "web1", "intf1", "dns1", "backup1"),
        (
            (6, 6, "Started Session {a} of User {u}."),
            (6, 6, "Starting Daily cleanup of temporary files..."),
            (3, 6, "logrotate.service: Succeeded."),
            (1, 5, "Reloading configuration, unit {h}"),
        ),
    ),
    (
        "kernel",
        ("ehrdb1", "file1", "file2", "backup1"),
        (
            (3, 6, "[{a}.{b}] eth0: link up, 10000 Mbps"),
            (1, 4, "[{a}.{b}] TCP: out of memory -- consider tuning"),
            (0.3, 3, "[{a}.{b}] EXT4-fs warning: mounting fs with errors"),
        ),
    ),
    (
        "smbd",
        ("file1", "file2"),
        (
            (15, 6, "{ip} connect to service shared initially as user {u} (pid {a})"),
            (15, 6, "{ip} closed connection to service shared"),
            (1, 4, "oplock break failed for file {h}"),
        ),
    ),
    (
        "zabbix-agent",
        ("monitor1",),
        ((12, 6, "item {a} polled from {s} in {ms} ms"), (1, 4, "item {a} became not supported")),
    ),
)
_LINES = [
    (program, servers, severity, text, weight)
    for program, servers, lines in _PROGRAMS
    for weight, severity, text in lines
]
_TABLE = Weighted(_LINES, [row[4] for row in _LINES])


def fill(text: str, s: Scene, d: Draws) -> str:
    """Put parameters into a template."""
    world = s.world
    return text.format(
        a=d.whole(1, 5000),
        b=d.whole(1, 90),
        ms=d.size(45, 0.9),
        u=d.pick(world.staff).id,
        ip=d.pick(world.desks).ip,
        h=d.hex(8),
        s=d.pick(("srv-ehr1", "srv-ehr2", "srv-dc1", "srv-billing1")),
    )


class ServerLines(Activity):
    """One line at a time; they come in small bursts from one program."""

    share = 0.11

    def level(self, ts: float) -> float:
        return machine(ts)

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        for _ in range(d.whole(1, 3)):
            program, servers, severity, text, _weight = _TABLE.pick(d)
            host = s.world.servers[d.pick(servers)]
            pid = 1000 + sum(map(ord, program + host.name)) % 29000
            logs.line(s.tape, ts, host.name, program, pid, severity, fill(text, s, d))
            ts += d.lognormal(0.15, 1.2)


_PAGES = (
    "/",
    "/login",
    "/portal/appointments",
    "/portal/results",
    "/portal/messages",
    "/static/app.css",
    "/static/app.js",
    "/visitors",
    "/directions",
    "/careers",
    "/api/v1/slots?day={n}",
)


class WebServer(Activity):
    """Visitors of the patients' portal, from anywhere."""

    share = 0.03

    def session(self, s: Scene, ts: float) -> None:
        from_outside(s, ts, s.world.internet.new_address(s.draws))


def from_outside(s: Scene, ts: float, ip: str) -> None:
    """A visitor reads a few pages."""
    d = s.draws
    agent = d.pick(
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
            "Mozilla/5.0 (Linux; Android 14)",
        )
    )
    for _ in range(d.whole(1, 6)):
        uri = d.pick(_PAGES).format(n=d.whole(1, 28))
        status = 200 if d.chance(0.95) else d.pick((302, 304, 404, 401))
        logs.web(
            s.tape,
            ts,
            {
                "host": s.world.servers["web1"].name,
                "program": "nginx",
                "message": f"GET {uri} {status}",
                "src_ip": ip,
            },
            method="GET",
            uri=uri,
            status=status,
            bytes_in=d.size(8_000, 1.0),
            user_agent=agent,
        )
        ts += d.lognormal(3, 1.0)
