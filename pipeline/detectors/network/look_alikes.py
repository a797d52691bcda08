"""Whether a host's name pretends to be a widely known site: spelt another way, or put in front of another domain."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from pipeline.detectors.network.sites import lies_under
from pipeline.features.public_suffixes import public_suffixes
from pipeline.models.starting import known_sites

LONG = 7  # names so long are rarely one letter away from a word
SHORTEST = 5  # shorter names are words too, and everything is one letter away from them
# What one sign is written for another to deceive the eye (Unicode TR 39 gives thousands; these are what is registered).
_SIGNS = str.maketrans("01358$@!", "olesssai") | str.maketrans("аеорсухіѕԁո", "aeopcyxisdn")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_BAIT = frozenset((
    "account", "accounts", "alert", "auth", "billing", "confirm", "invoice", "login", "logon", "mail", "office",
    "password", "pay", "payment", "portal", "recovery", "reset", "secure", "security", "service", "services",
    "signin", "sso", "support", "unlock", "update", "verification", "verify", "wallet", "webmail",
))  # fmt: skip
_DESK = frozenset(("team", "help", "helpdesk", "delivery", "parcel", "care", "customer", "notification", "notice"))
"""What stands beside a company's name where a mail is shown."""
_NAME_WORDS = re.compile(r"[^\W\d_]+")
_MATHEMATICS = re.compile("[\U0001d400-\U0001d7ff]")
# Names of known sites that are words of the language: they mean the site only beside bait.
_WORDS = frozenset((
    "apple", "target", "orange", "signal", "discord", "slack", "force", "office", "outlook", "teams", "notion",
    "shared", "quest", "nature", "humana", "chase", "canon", "brother", "visual", "uber", "visa", "wise",
    "canva", "trello", "drugs", "anthem", "baxter", "abbott", "elastic", "fastly", "oracle", "python", "docker",
    "canada", "nice", "medium", "archive", "weather", "booking", "reuters", "springer", "discover", "costco",
    "stripe", "square", "spotify", "zebra",
))  # fmt: skip
# Words that happen to be one letter away from a name: nobody who reads them thinks of it, whatever stands beside.
_EVERYDAY = frozenset((
    "braun", "cents", "citric", "cloud", "corner", "encrust", "finance", "goggle", "imports", "lemonade", "medtech",
    "phillips", "revolt", "scaler", "spectra", "striker", "switch", "telecom", "variant", "weekly",
))  # fmt: skip

# Nobody pretends to be a content network, and these are parts of honest names.
_NOT_BRANDS = frozenset((
    "gstatic", "googleapis", "googleusercontent", "googlevideo", "doubleclick", "akamai", "akamaiedge",
    "akamaihd", "edgekey", "edgesuite", "cloudfront", "amazonaws", "azureedge", "azure", "fbcdn", "nflxvideo",
    "twimg", "mzstatic", "typekit", "jsdelivr", "bootstrapcdn", "cdnjs", "gravatar", "service", "europa",
    "health", "cisco", "android", "windows", "windowsupdate", "state", "force", "docker", "github", "python",
    "mysql",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class LookAlike:
    """`brand`: the known site's name. `surely`: 0 to 1, how little else it can mean."""

    brand: str
    surely: float


def registered(host: str) -> str:
    """The registered domain of a host, or the host itself where there is none (an address, an internal name)."""
    return public_suffixes().privatesuffix(host) or host


@cache
def _brands() -> frozenset[str]:
    names = {site.split(".")[0] for site in known_sites()}
    return frozenset(name for name in names if len(name) >= SHORTEST and name not in _NOT_BRANDS)


def _is_known(name: str) -> bool:
    """Whether the host belongs to a known site, at whatever level (content networks are suffixes themselves)."""
    return lies_under(name, known_sites())


@lru_cache(maxsize=65_536)
def look_alike(host: str) -> LookAlike | None:
    """What `host` (any case, without port) pretends to be; None for honest names, addresses and known sites."""
    name = host.lower().strip(".")[:253]
    if "." not in name or _is_known(name) or name.replace(".", "").isdigit():
        return None
    core = _unicode(registered(name)).split(".")[0]
    if core in _brands():  # the name itself under another ending: more often a branch of it than bait
        return LookAlike(core, 0.4)
    own = set(_tokens(core))
    tokens = [t for label in _unicode(name).split(".")[:-1] for t in _tokens(label)]
    bait, near = _BAIT.intersection(tokens), _BAIT & own
    told = [found for t in tokens if (found := _judge(t, bool(bait - {t}), bool(near - {t}), t in own))]
    return max(told, key=lambda found: found.surely, default=None)


@lru_cache(maxsize=65_536)
def named_brand(name: str, domain: str) -> str | None:
    """The known site that a shown name speaks of though `domain`, which is registered, is none of its own.

    Names that are words of the language, and names of people, need bait beside them (`Apple Support`, not `Orange`).
    """
    # Letters of mathematics are letters to the eye.
    plain = _MATHEMATICS.sub(lambda letter: unicodedata.normalize("NFKC", letter[0]), name[:128]).casefold()
    words = [word for word in _NAME_WORDS.findall(plain) if word.isascii()]
    whole, core = "".join(words), domain.partition(".")[0].replace("-", "")
    bait = _BAIT.union(_DESK).intersection(words)
    for word in (*words, *(one + next_ for one, next_ in pairwise(words))):
        if word in _brands() and word not in core and (bait - {word} or (word == whole and word not in _WORDS)):
            return None if _is_known(domain) else word
    return None


def _tokens(label: str) -> list[str]:
    return [t for t in label.split("-") if t]


def _judge(token: str, bait: bool, near: bool, own: bool) -> LookAlike | None:
    """What one part of a name pretends to be; `own`: it stands in the registered domain itself, as bait does if `near`.

    A `portal.` before any name is everyday: for names that are words the bait has to stand beside them.
    """
    if len(token) < SHORTEST:
        return None
    if token in _brands():
        if near or (bait and token not in _WORDS):
            return LookAlike(token, 0.85)
        # Alone it may be the brand's own under another ending, or a content network's name for it.
        return LookAlike(token, 0.2 if token in _WORDS or not own else 0.4)
    plain = token.translate(_SIGNS)
    for candidate in (plain, *(plain.replace(pair, single) for pair, single in _PAIRS)):
        if candidate != token and candidate in _brands():
            return LookAlike(candidate, 0.9)
    if not own:
        return None
    found = [LookAlike(brand, 0.8) for brand in (_held(plain) if bait else ())]
    # Only long names, unless there is bait: corner is no Cerner.
    found += [LookAlike(brand, 0.8 if near else 0.5) for brand in _near(token) if near or len(brand) >= LONG]
    return min(found, key=lambda told: (-told.surely, told.brand), default=None)


@cache
def _distinct() -> frozenset[str]:
    """Brands that nothing else is like by chance."""
    return frozenset(brand for brand in _brands() if len(brand) > SHORTEST and brand not in _WORDS)


@cache
def _shortened() -> Mapping[str, Sequence[str]]:
    """Brands by what is left of them when no letter or one is taken out: comparing with each takes five times that."""
    found: dict[str, list[str]] = {}
    for brand in sorted(_distinct()):
        for rest in _without_one(brand):
            found.setdefault(rest, []).append(brand)
    return found


def _without_one(name: str) -> set[str]:
    return {name, *(name[:k] + name[k + 1 :] for k in range(len(name)))}


def _near(token: str) -> Iterator[str]:
    """Brands one letter away: what is one apart has the same rest when a letter or none is taken out of both."""
    if token in _EVERYDAY:
        return
    shortened = _shortened()
    for brand in {brand for rest in _without_one(token) for brand in shortened.get(rest, ())}:
        if _one_apart(token, brand):
            yield brand


def _held(text: str) -> Iterator[str]:
    """Brands that stand anywhere in a text."""
    brands, sizes = _distinct(), _sizes()
    for begin in range(len(text) - SHORTEST):
        for size in sizes:
            if begin + size <= len(text) and text[begin : begin + size] in brands:
                yield text[begin : begin + size]


@cache
def _sizes() -> tuple[int, ...]:
    return tuple(sorted({len(brand) for brand in _distinct()}))


def _unicode(name: str) -> str:
    if "xn--" not in name:
        return name
    try:
        return name.encode("ascii").decode("idna")
    except (UnicodeError, ValueError):
        return name


def _one_apart(a: str, b: str) -> bool:
    """Whether one letter inserted, left out, changed, or two neighbours swapped make `a` of `b`."""
    if a == b:
        return False
    k = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[k:], b[k:]
    return (
        rest_a[1:] == rest_b[1:]
        or rest_a[1:] == rest_b
        or rest_a == rest_b[1:]
        or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
    )
