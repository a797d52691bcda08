"""A mail as records: the mail itself, and its links, told to everybody who may open them."""

from collections.abc import Iterator

from pipeline.ingest.format import Fields, Item
from pipeline.ingest.mail.links import Link, registered
from pipeline.ingest.mail.signs import domain_of

MOST_SITES = 5
"""Sites of a mail that are told on: newsletters name dozens, bait names one or two, and pretended ones come first."""
_EVERY_GROUP = (0, 1, 3, 4, 7, 8, 9, 23)
"""Numbers whose `mail.link.N`, as the key of an event without addresses, falls into each of the eight key groups once
(`schemas.topics.KEY_GROUPS`): a host that opens the link may belong to any of them. A test holds it."""


def mail_items(fields: Fields, links: list[Link], position: str, raw: bytes) -> Iterator[Item]:
    """The mail's record, and eight of each site it links to, the sender's own left out."""
    yield Item("network", fields, position, raw)
    own = domain_of(fields.get("mail_from"))
    sites = {link.site: link for link in reversed(links) if registered(link.site) != own}
    part = 0
    for site, link in list(reversed(sites.items()))[:MOST_SITES]:
        told = {"ts": fields["ts"], "kind": "mail_link", "url": link.url, "site": site}
        told |= {name: fields.get(name) for name in ("mail_from", "rcpt_to", "suspicion")}
        for number in _EVERY_GROUP:
            part += 1
            yield Item("network", told | {"format": f"mail.link.{number}"}, position, raw, part)
