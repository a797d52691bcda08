"""Destinations outside: a popular head and a long tail, named with .example and placed where nobody is.

Addresses come from blocks that are global by number but not announced on the internet, so that no real
party is named and address-based features still see "outside".
"""

from pipeline.simulator.draws import Draws, Weighted, zipf
from pipeline.simulator.world.host import Host, Site

_BLOCKS = (11, 21, 22, 26, 28, 29, 30, 33)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ONSETS = _words("ar bel cal dor el fir gran hav in jun kel lum mer nov or pri quin ril sol tan ul ver wil xen yar zel")
_CODAS = _words(
    "ance bury cast dale edge ford gate hub ix jet kit lane mark nest ora port quest ria soft tech uno vale wave yard"
)
# Most names are made of words that people know.
_WORDS = _words(
    "acorn apple autumn bank bay bell blue book bridge bright care city clear cloud coast copper corner daily data "
    "deep direct east easy field fine first forest fox free fresh garden gold grand green harbor health hill home "
    "house iron island kind lake lamp land leaf life light lion little lunch market meadow media mill moon mountain "
    "news night north oak ocean office open orange paper park people pine place plain planet post press quick rain "
    "red river road rock rose round sand shop silver sky smart snow south spring star stone storm street summer sun "
    "swift table team tide tower town trade travel tree union valley video view village water west white wide wild "
    "wind winter wood work world yellow young"
)
_PREFIXES = ("www", "www", "www", "cdn", "api", "static", "app", "portal", "img")
_CIPHERS = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
_ISSUERS = (
    "CN=Meridian TLS RSA CA 2,O=Meridian Trust", "CN=E7,O=Open Certificates", "CN=Northgate DV CA,O=Northgate",
)  # fmt: skip
_PURPOSES = (
    ("update", ("update", "dl", "packages"), 6),
    ("telemetry", ("telemetry", "beacon", "events"), 8),
    ("mail", ("mx", "smtp"), 25),
    ("time", ("ntp",), 3),
    ("cloud", ("files", "sync", "storage"), 6),
    ("content", ("edge", "cdn"), 5),
    ("calls", ("meet", "voice"), 3),
)


def second_level(draws: Draws) -> str:
    """A name somebody registered: known words, or an invented one."""
    roll = draws.random()
    if roll < 0.6:
        return draws.pick(_WORDS) + draws.pick(("", "", "", "-")) + draws.pick(_WORDS)
    if roll < 0.7:
        return draws.pick(_WORDS) + str(draws.whole(1, 365))
    return draws.pick(_ONSETS) + draws.pick(_ONSETS) + draws.pick(_CODAS)


# What servers answer depends on their software: a few answers cover nearly all.
_JA3S = tuple(Draws("ja3s").hex(32) for _ in range(24))


class Internet:
    """All sites, and a way to find one more: the long tail never ends, so a new name is nothing special."""

    def __init__(self, draws: Draws, tail: int = 1500) -> None:
        self._draws = draws
        self._names: set[str] = set()
        self.web = [self.new_site(draws, "web") for _ in range(tail)]
        self._popular = Weighted(self.web, zipf(tail, 1.15))
        self.by_purpose = {
            purpose: [self.new_site(draws, purpose, prefixes) for _ in range(count)]
            for purpose, prefixes, count in _PURPOSES
        }

    def new_site(self, draws: Draws, category: str, prefixes: tuple[str, ...] = _PREFIXES) -> Site:
        """A site nobody has visited yet."""
        while True:
            name = f"{draws.pick(prefixes)}.{second_level(draws)}.example"
            if name not in self._names:
                break
        self._names.add(name)
        host = Host(name, self.new_address(draws), None, "internet")
        return Site(
            name, host, category, draws.chance(0.93), draws.pick(_CIPHERS), draws.pick(_JA3S), draws.pick(_ISSUERS)
        )

    def new_address(self, draws: Draws) -> str:
        """An outside address."""
        return f"{draws.pick(_BLOCKS)}.{draws.whole(1, 254)}.{draws.whole(0, 255)}.{draws.whole(1, 254)}"

    def popular(self, draws: Draws) -> Site:
        """A site by popularity."""
        return self._popular.pick(draws)
