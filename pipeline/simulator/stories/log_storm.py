"""A service is pushed until it breaks: its host writes far more than it did, and of what it never wrote."""

from pipeline.simulator.documents import logs
from pipeline.simulator.stories.story import Stage, Story


class LogStorm(Story):
    """Easy: 3,000 lines in ten minutes. Hard: 150 over half an hour, in words the host uses."""

    kind = "log_storm"
    techniques = ("T1499.004", "T1489")
    expected = ("logs.volume", "logs.template_sequence", "logs.rare_template")
    length_s = 1800.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        server = s.world.servers[d.pick(("intf1", "ehr2", "lis1"))]
        count, length = stage.by(3000, 600, 150), stage.by(0.3, 0.6, 1.0)
        new = ("segfault at {a} ip {h} in libhl7parse.so", "panic: unexpected end of segment after {a} bytes",
               "watchdog: worker {a} killed after {b} s", "core dumped to /var/crash/{h}")  # fmt: skip
        old = ("channel {a} disconnected, reconnecting in {b} s", "retry {a} of message {h}")
        program = "hl7-engine" if server.name != "srv-ehr2" else "ehr-app"
        for place in range(count):
            text = d.pick(stage.by(new, new + old, old)).format(a=d.whole(1, 5000), b=d.whole(1, 90), h=d.hex(8))
            logs.line(s.tape, stage.at(length * (place + d.random()) / count), server.name, program, 2210, 3, text)
        stage.note("host", server.name)
