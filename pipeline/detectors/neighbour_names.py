"""Names of machines as their neighbours ask for them: over NetBIOS (RFC 1002), mDNS (RFC 6762) and LLMNR (RFC 4795)."""

import re

PORTS = (137, 5353, 5355)
"""NetBIOS, mDNS, LLMNR."""
# Browsers call themselves by a new name of this form for each call (draft-ietf-mmusic-mdns-ice-candidates).
_INVENTED = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def machine_name(query: str) -> str:
    """The machine's name in what was asked for, in lower case without `.local`; empty for kinds of services
    (`_ipp._tcp`: a printer has many), for names that a browser made up for a call, and for names of other domains:
    some resolvers of a house listen on mDNS' port.

    >>> machine_name("Ward-PC5.local."), machine_name("_ipp._tcp.local"), machine_name("shop.example")
    ('ward-pc5', '', '')
    """
    whole = query.lower().rstrip(".")
    name = whole.removesuffix(".local")
    elsewhere = name == whole and "." in name
    return "" if elsewhere or name.startswith("_") or _INVENTED.fullmatch(name) else name
