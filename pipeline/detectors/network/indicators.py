"""A user's list of bad things as a compiled table: millions of values, each until it expires, O(1) a look-up."""

from dataclasses import dataclass
from ipaddress import ip_network

import numba as nb
import numpy as np

from pipeline.features.hashing import combine, hash_slice, hash_text
from pipeline.features.lists import UserList

DAY_S = 86_400.0
MAPPED = np.uint64(0x0000FFFF00000000)  # IPv4 in IPv6 (RFC 4291): networks of both are one table


@dataclass(frozen=True)
class Indicators:
    """Hashes of values probed linearly, and until when each counts; networks by prefix length beside them."""

    keys: np.ndarray
    """uint64[2^k], 0: free."""
    until: np.ndarray
    """float64[2^k], seconds since the epoch."""
    prefixes: np.ndarray
    """int64[p], lengths of the networks' prefixes as in IPv6, ascending; their hashes are among `keys`."""

    def __len__(self) -> int:
        return int(np.count_nonzero(self.keys))

    def marks(self, hashes: np.ndarray, ts: np.ndarray) -> np.ndarray:
        """bool[n]: values on the list that have not expired at ts."""
        return _marks(self.keys, self.until, hashes, ts)

    def networks(self, data: np.ndarray, start: np.ndarray, length: np.ndarray, ts: np.ndarray) -> np.ndarray:
        """bool[n]: addresses in a network on the list."""
        return _networks(self.keys, self.until, self.prefixes, data, start, length, ts)


def expires(row: dict[str, str], max_age_days: float) -> float:
    """When a row of a list stops to count: as it says itself, or an age after it was last seen; inf without dates."""
    for name, more in (("valid_until", 0.0), ("seen", max_age_days * DAY_S)):
        try:
            return float(row[name]) + more
        except (KeyError, ValueError):
            continue
    return np.inf


def indicators(values: UserList, max_age_days: float) -> Indicators:
    """The table of a list; of several rows of one value the last to expire counts."""
    hashes: list[int] = []
    ends: list[float] = []
    prefixes: set[int] = set()
    for value, rows in values.rows.items():
        if "/" in value and (found := _network(value)) is not None:
            h, prefix = found
            prefixes.add(prefix)
        else:
            h = hash_text(value)
        hashes.append(h)
        ends.append(max((expires(dict(row), max_age_days) for row in rows), default=np.inf))
    size = 1 << max(4, (4 * len(hashes)).bit_length())
    keys, until = np.zeros(size, np.uint64), np.zeros(size)
    _fill(keys, until, np.array(hashes, np.uint64), np.array(ends))
    return Indicators(keys, until, np.array(sorted(prefixes), np.int64))


def _network(value: str) -> tuple[int, int] | None:
    """(hash, prefix length as in IPv6) of a network in text."""
    try:
        net = ip_network(value, strict=False)
    except ValueError:
        return None
    raw, prefix = net.network_address.packed, net.prefixlen
    if net.version == 4:
        raw, prefix = b"\0" * 10 + b"\xff\xff" + raw, prefix + 96
    high, low = (np.uint64(int.from_bytes(part, "big")) for part in (raw[:8], raw[8:]))
    return int(network_hash(high, low, prefix)), prefix


@nb.njit(cache=True, nogil=True)
def network_hash(high: np.uint64, low: np.uint64, prefix: int) -> np.uint64:
    """Hash of the first `prefix` bits of an address of 128."""
    every = np.uint64(0xFFFFFFFFFFFFFFFF)
    if prefix <= 64:
        low = np.uint64(0)
        high = high & (every << np.uint64(64 - prefix)) if prefix > 0 else np.uint64(0)
    elif prefix < 128:
        low = low & (every << np.uint64(128 - prefix))
    return combine(combine(high + np.uint64(1), low + np.uint64(1)), np.uint64(prefix + 1))


@nb.njit(cache=True, nogil=True)
def _fill(keys, until, hashes, ends):  # type: ignore[no-untyped-def]
    for i in range(len(hashes)):
        slot = np.int64(hashes[i] & np.uint64(len(keys) - 1))
        while keys[slot] != 0 and keys[slot] != hashes[i]:
            slot = (slot + 1) & (len(keys) - 1)
        until[slot] = max(until[slot], ends[i]) if keys[slot] != 0 else ends[i]
        keys[slot] = hashes[i]


@nb.njit(cache=True, nogil=True)
def on_list(keys, until, h, ts):  # type: ignore[no-untyped-def]
    """Whether a hash is on the list and has not expired at ts."""
    if h == 0:
        return False
    slot = np.int64(h & np.uint64(len(keys) - 1))
    while keys[slot] != 0:
        if keys[slot] == h:
            return ts <= until[slot]
        slot = (slot + 1) & (len(keys) - 1)
    return False


@nb.njit(cache=True, nogil=True)
def _marks(keys, until, hashes, ts):  # type: ignore[no-untyped-def]
    out = np.zeros(len(hashes), np.bool_)
    for i in range(len(hashes)):
        out[i] = on_list(keys, until, hashes[i], ts[i])
    return out


@nb.njit(cache=True, nogil=True)
def under(keys, until, data, start, length, ts):  # type: ignore[no-untyped-def]
    """bool[n]: whether a name is one of the listed domains or lies under one.

    Names end before a port or a final dot; length -1 is unknown. Only the last 8 labels are looked at.
    """
    out = np.zeros(len(start), np.bool_)
    name = np.empty(max(0, length.max()) if len(length) else 0, np.uint8)
    for i in range(len(start)):
        end = 0
        while end < length[i] and data[start[i] + end] != 58:
            b = data[start[i] + end]
            name[end] = b + 32 if 65 <= b <= 90 else b
            end += 1
        if end > 0 and name[end - 1] == 46:
            end -= 1
        labels = 0
        at = end
        while at > 0 and labels < 8 and not out[i]:
            at -= 1
            if at > 0 and name[at - 1] != 46:
                continue
            labels += 1
            out[i] = on_list(keys, until, hash_slice(name, at, end - at), ts[i])
    return out


@nb.njit(cache=True, nogil=True)
def urls(keys, until, data, host, host_size, uri, uri_size, ts):  # type: ignore[no-untyped-def]
    """bool[n]: whether host and path of a request, in lower case and without scheme and usual port, are listed."""
    out = np.zeros(len(host), np.bool_)
    most = 0
    for i in range(len(host)):
        most = max(most, max(host_size[i], 0) + max(uri_size[i], 0))
    text = np.empty(most + 1, np.uint8)
    for i in range(len(host)):
        if uri_size[i] <= 0:
            continue
        n = 0
        skip = 0
        if data[uri[i]] != 47:  # a proxy's request names the host in the address: http://host/path
            for k in range(2, min(uri_size[i], 12)):
                if data[uri[i] + k] == 47 and data[uri[i] + k - 1] == 47:
                    skip = k + 1
                    break
        if skip == 0:
            for k in range(host_size[i]):
                text[n] = data[host[i] + k]
                n += 1
            if n > 3 and text[n - 3] == 58 and text[n - 2] == 56 and text[n - 1] == 48:
                n -= 3
        for k in range(skip, uri_size[i]):
            text[n] = data[uri[i] + k]
            n += 1
        for k in range(n):
            if 65 <= text[k] <= 90:
                text[k] += 32
        out[i] = on_list(keys, until, hash_slice(text, 0, n), ts[i])
    return out


@nb.njit(cache=True, nogil=True)
def _parse(data, start, size):  # type: ignore[no-untyped-def]
    """(whether it is an address, high, low) of an address in text, IPv4 as mapped."""
    six = False
    for k in range(start, start + min(size, 6)):
        six |= data[k] == 58
    if not six:
        low, part, digits, dots = np.uint64(0), 0, 0, 0
        for k in range(start, start + size):
            b = data[k]
            if 48 <= b <= 57 and digits < 3:
                part = part * 10 + (b - 48)
                digits += 1
            elif b == 46 and digits > 0 and dots < 3 and part < 256:
                low = (low << np.uint64(8)) | np.uint64(part)
                part, digits, dots = 0, 0, dots + 1
            else:
                return False, np.uint64(0), np.uint64(0)
        if dots != 3 or digits == 0 or part > 255:
            return False, np.uint64(0), np.uint64(0)
        return True, np.uint64(0), MAPPED | (low << np.uint64(8)) | np.uint64(part)
    words = np.zeros(9, np.uint64)
    count, gap, digits = 0, -1, 0
    for k in range(start, start + size):
        b = data[k] | 32 if data[k] > 64 else data[k]
        digit = b - 48 if 48 <= b <= 57 else b - 87 if 97 <= b <= 102 else -1
        if digit >= 0 and digits < 4 and count < 8:
            words[count] = (words[count] << np.uint64(4)) | np.uint64(digit)
            digits += 1
        elif b == 58 and count < 8:
            if digits > 0:
                count += 1
            elif k > start:
                gap = count
            digits = 0
        else:
            return False, np.uint64(0), np.uint64(0)
    count += digits > 0
    if count > 8 or (count < 8 and gap < 0):
        return False, np.uint64(0), np.uint64(0)
    full = np.zeros(8, np.uint64)
    for k in range(count):
        full[k if gap < 0 or k < gap else 8 - count + k] = words[k]
    high, low = np.uint64(0), np.uint64(0)
    for k in range(4):
        high = (high << np.uint64(16)) | full[k]
        low = (low << np.uint64(16)) | full[4 + k]
    return True, high, low


@nb.njit(cache=True, nogil=True)
def _networks(keys, until, prefixes, data, start, length, ts):  # type: ignore[no-untyped-def]
    out = np.zeros(len(start), np.bool_)
    for i in range(len(start)):
        if length[i] < 2:
            continue
        known, high, low = _parse(data, start[i], length[i])
        if known:
            for p in prefixes:
                if not out[i]:
                    out[i] = on_list(keys, until, network_hash(high, low, p), ts[i])
    return out
