"""ClickHouse stores an insert and its reply never arrives: the same rows are sent again and not stored again."""

from benchmarks.faults.proxy import Proxy
from benchmarks.faults.records import parts
from benchmarks.faults.scenario import PATIENCE, Act, Control, Scenario

_AT_ONCE = 2
"""More in a row would only show how long the worker waits between its tries."""


class ReplyLost(Scenario):
    """Read without FINAL: not even the raw table holds a row twice."""

    name = "reply-lost"
    title = "connection cut between ClickHouse's commit and its reply"
    faults = 30
    short = 5
    final = False
    controls = (Control("inserts without tokens", "doubled", ("tokens",), final=False, faults=5),)

    def play(self, act: Act) -> int:
        """Events, and a few replies lost one after the other; again."""
        server = act.stage.clickhouse
        # A control shows in rows of events only: nothing else is compared one by one.
        table = "scored_events" if act.control else ""
        with Proxy(server.host, server.port) as proxy:
            act.worker(*PATIENCE, WARDWATCH_CLICKHOUSE_URL=proxy.url)
            for part in parts(act.records, -(-act.faults // _AT_ONCE)):
                proxy.lose(min(_AT_ONCE, act.faults - proxy.lost), table)
                act.bench.send(part)
                act.bench.wait(lambda: not proxy.owes, "replies to be lost")
                act.bench.drain()
            act.finish()
            return proxy.lost
