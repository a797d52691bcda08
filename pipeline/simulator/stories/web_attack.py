"""The patients' portal is tried for weak spots: injections, paths, commands, in its requests."""

from urllib.parse import quote

from pipeline.simulator.documents import logs
from pipeline.simulator.stories.story import Stage, Story

_LOUD = (
    "/portal/results?id=1' OR '1'='1", "/portal/results?id=1 UNION SELECT user,password FROM users--",
    "/static/../../../../etc/passwd", "/search?q=<script>alert(1)</script>", "/api/v1/slots?day=1;cat /etc/passwd",
    "/portal/messages?x=${jndi:ldap://a/b}", "/visitors?name={{7*7}}", "/wp-login.php", "/.env", "/cgi-bin/test.sh",
)  # fmt: skip
_QUIET = (
    "/portal/results?id=1 AND SLEEP(5)", "/portal/results?id=1' AND 1=CAST((SELECT 1) AS int)--",
    "/api/v1/slots?day=..%2f..%2fconfig", "/search?q=\"><img src=x onerror=alert(1)>",
)  # fmt: skip


class WebAttack(Story):
    """Easy: 300 requests of a scanner. Hard: 6, encoded twice, with a browser's name."""

    kind = "web_attack"
    techniques = ("T1190", "T1595.002")
    expected = ("logs.web_attack", "logs.sigma")
    length_s = 1800.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        ip = s.world.internet.new_address(d)
        host = s.world.servers["web1"].name
        count = stage.by(300, 40, 6)
        agent = stage.by("sqlmap/1.8", "python-requests/2.32", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)")
        for place in range(count):
            raw = d.pick(stage.by(_LOUD, _LOUD + _QUIET, _QUIET))
            path, _, query = raw.partition("?")
            name, _, value = query.partition("=")
            once = quote(value, safe="") if stage.difficulty != "easy" else value
            uri = f"{path}?{name}={quote(once, safe='') if stage.difficulty == 'hard' else once}" if query else path
            status = d.pick((200, 400, 403, 404, 404, 500))
            logs.web(
                s.tape, stage.at((place + 0.6 * d.random()) / count),
                {"host": host, "program": "nginx", "message": f"GET {uri} {status}", "src_ip": ip},
                method="GET", uri=uri, status=status, bytes_in=d.size(900, 0.6), user_agent=agent,
            )  # fmt: skip
        stage.note("ip", ip)
        stage.note("host", host)
