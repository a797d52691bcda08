"""Guards webhooks against being turned on our own machines (server-side request forgery).

A host is resolved once; what it resolves to is checked, and the connection goes to exactly that address. A name that
resolves differently the next moment gains nothing.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable

from aiohttp.abc import AbstractResolver, ResolveResult

from pipeline.response.addresses import Address, address_of

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
_NEVER = tuple(
    ipaddress.ip_network(n)
    for n in (
        "169.254.0.0/16", "fe80::/10",  # link-local: clouds answer there with credentials
        "fd00:ec2::254/128", "100.100.100.200/32",  # the same, of AWS by IPv6 and of Alibaba
        "0.0.0.0/8", "::/128", "224.0.0.0/4", "ff00::/8", "255.255.255.255/32",
    )
)  # fmt: skip


class ForbiddenHost(OSError):  # noqa: N818
    """The host is, or resolves to, what webhooks may not reach. An OSError, as aiohttp expects of resolvers."""


class Guard(AbstractResolver):
    """Resolver of the webhooks' client; hands out checked addresses only."""

    def __init__(self, allowed_hosts: Iterable[str]) -> None:
        self._allowed = frozenset(h.rstrip(".").lower() for h in allowed_hosts)

    def check(self, host: str, address: Address) -> None:
        """Raises ForbiddenHost for an address that a webhook may not reach under this name."""
        if str(address) in self._allowed:
            return
        plain = _plain(address)
        if str(plain) in self._allowed:
            return
        if any(plain in n for n in _NEVER if n.version == plain.version):
            raise ForbiddenHost(f"{host} is {_kind(plain)}: name the address itself in response.allowed_hosts")
        if plain.is_global and not plain.is_multicast:
            return
        if host.rstrip(".").lower() not in self._allowed:
            raise ForbiddenHost(f"{host} is {_kind(plain)}: add it to response.allowed_hosts to allow it")

    def check_literal(self, host: str) -> None:
        """The same for a host that is an address itself, which the client does not resolve."""
        address = address_of(host.strip("[]").partition("%")[0])
        if address is not None:
            self.check(host.strip("[]"), address)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Addresses of a host, all of them checked: one that is forbidden forbids the host."""
        found = await self.lookup(host, port, family)
        results: list[ResolveResult] = []
        for kind, address in found:
            self.check(host, ipaddress.ip_address(address.partition("%")[0]))
            results.append(
                ResolveResult(
                    hostname=host, host=address, port=port, family=kind, proto=socket.IPPROTO_TCP,
                    flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                )
            )  # fmt: skip
        if not results:
            raise OSError(f"{host} has no address")
        return results

    async def lookup(self, host: str, port: int, family: socket.AddressFamily) -> list[tuple[int, str]]:
        """(family, address) as the system resolves the name."""
        infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        return list(dict.fromkeys((int(kind), str(place[0])) for kind, _, _, _, place in infos))

    async def close(self) -> None:
        """Nothing to give back."""


def _plain(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        return inner or address
    return address


def _kind(address: Address) -> str:
    if address.is_loopback:
        return "this machine"
    if address.is_link_local:
        return "a link-local address"
    return "a private or reserved address"
