"""Which rows of a batch come from or go to a device, as far as the inventory or its MAC address says, and its kin.

Needs no state: what is learned of a host by its behaviour is the detectors' own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numba as nb
import numpy as np

from pipeline.features.batch import Batch
from pipeline.features.device_classes import CODES, UNKNOWN, class_of_maker, class_of_word
from pipeline.features.hashing import hash_slice, hash_text, mix64
from pipeline.features.lists import Lists
from pipeline.features.oui_classes import OUI_CODES, OUI_PREFIXES
from pipeline.features.where import address_kind

RECENT = 4096  # a power of two: ends remembered while a batch is looked through


@dataclass(frozen=True, slots=True)
class Ends:
    """One end (source or destination) of n network events."""

    codes: np.ndarray
    """int8[n], class (`device_classes.NAMES`), 0 unknown."""
    kin: np.ndarray
    """uint64[n], who is alike: same class, else same maker (MAC prefix), else same network; 0 without an address."""
    segment: np.ndarray
    """uint64[n], the /24 network (IPv6: all but the last group); 0 without an address."""
    maker: np.ndarray
    """int32[n], the MAC's first three bytes, -1 without a globally administered MAC."""
    where: np.ndarray
    """int8[n], INTERNAL, EXTERNAL, GROUP or UNKNOWN (`features.addresses`)."""
    listed: np.ndarray
    """bool[n]: in the inventory."""


@dataclass(frozen=True, slots=True)
class _Inventory:
    keys: np.ndarray
    codes: np.ndarray


def device_ends(batch: Batch, lists: Lists, side: str) -> Ends:
    """The `src` or `dst` end of every row; computed once a batch for all detectors."""
    memo: dict[str, tuple[object, Ends]] = batch.shared("device_ends", lambda _: {})
    found = memo.get(side)
    if found is None or found[0] is not lists.devices:
        found = memo[side] = (lists.devices, _ends(batch, _inventory(lists), side))
    return found[1]


def segment_of(address: str) -> int:
    """The number `Ends.segment` holds for an address; 0 for a text that is none."""
    head = address[: max(address.rfind("."), address.rfind(":"))] if "." in address or ":" in address else ""
    return hash_text(head) if head else 0


def inventory_class(row: Mapping[str, str]) -> str:
    """The class of an inventory row: its word for it, else its maker, else `medical`."""
    word = row.get("class") or row.get("device_class") or ""
    maker = class_of_maker(row.get("vendor") or "")
    return class_of_word(word) if word else maker or "medical"


def _inventory(lists: Lists) -> _Inventory:
    """The inventory's table, made once for each content of the lists."""
    known = lists.prepared.get("devices")
    if known is None or known[0] is not lists.devices:
        known = lists.prepared["devices"] = (lists.devices, _table(lists.devices))
    return cast(_Inventory, known[1])


def _table(devices: Mapping[str, Mapping[str, str]]) -> _Inventory:
    found: dict[int, int] = {}
    for key, row in devices.items():
        code = CODES[inventory_class(row)]
        for spelled in {key, key.lower(), key.upper()}:
            found[hash_text(spelled)] = code
    keys = np.array(sorted(found), np.uint64)
    return _Inventory(keys, np.array([found[int(k)] for k in keys], np.int8))


def _ends(batch: Batch, known: _Inventory, side: str) -> Ends:
    ip, mac = batch.spans(f"{side}_ip"), batch.spans(f"{side}_mac")
    codes, kin, segment, maker, listed = _look(
        batch.data, *ip, *mac, batch.hash(f"{side}_ip"), batch.hash(f"{side}_mac"), known.keys, known.codes,
        OUI_PREFIXES, OUI_CODES,
    )  # fmt: skip
    return Ends(codes, kin, segment, maker, address_kind(batch, f"{side}_ip"), listed)


@nb.njit(cache=True, nogil=True)
def _place(table, value):  # type: ignore[no-untyped-def]
    """Position of `value` in the sorted table, or -1."""
    k = np.searchsorted(table, value)
    return k if k < len(table) and table[k] == value else -1


@nb.njit(cache=True, nogil=True)
def _prefix(data, start, length):  # type: ignore[no-untyped-def]
    """First three bytes of a MAC address text (any separator) as a number, -1 for none or a local one (IEEE 802c)."""
    value, digits = 0, 0
    for i in range(start, start + min(length, 9)):
        b = data[i]
        if 48 <= b <= 57:
            b -= 48
        elif 97 <= (b | 32) <= 102:
            b = (b | 32) - 87
        elif b == 58 or b == 45 or b == 46:
            continue
        else:
            return -1
        value = value * 16 + b
        digits += 1
        if digits == 6:
            return -1 if value >> 16 & 3 else value
    return -1


@nb.njit(cache=True, nogil=True)
def _network(data, start, length):  # type: ignore[no-untyped-def]
    """Hash of an address text up to its last dot or colon; 0 without one."""
    for i in range(start + length - 1, start, -1):
        if data[i] == 46 or data[i] == 58:
            return hash_slice(data, start, i - start)
    return np.uint64(0)


@nb.njit(cache=True, nogil=True)
def _look(data, ip, ip_len, mac, mac_len, ip_hash, mac_hash, keys, key_codes, prefixes, prefix_codes):  # type: ignore[no-untyped-def]
    """The columns of Ends, [n] each; sorted tables keys uint64[m], prefixes int64[p]. An end is looked up once."""
    n = len(ip)
    codes, kin = np.zeros(n, np.int8), np.zeros(n, np.uint64)
    segment, maker, listed = np.zeros(n, np.uint64), np.full(n, -1, np.int32), np.zeros(n, np.bool_)
    latest = np.full(RECENT, -1, np.int32)
    for i in range(n):
        spot = (ip_hash[i] ^ (mac_hash[i] >> np.uint64(7))) & np.uint64(RECENT - 1)
        k = latest[spot]
        if k >= 0 and ip_hash[k] == ip_hash[i] and mac_hash[k] == mac_hash[i]:
            codes[i], kin[i], segment[i], maker[i], listed[i] = codes[k], kin[k], segment[k], maker[k], listed[k]
            continue
        latest[spot] = i
        place = _place(keys, mac_hash[i]) if mac_hash[i] != 0 else -1
        if place < 0 and ip_hash[i] != 0:
            place = _place(keys, ip_hash[i])
        if mac_len[i] >= 8:
            maker[i] = _prefix(data, mac[i], mac_len[i])
        if ip_len[i] > 0:
            segment[i] = _network(data, ip[i], ip_len[i])
        known = _place(prefixes, np.int64(maker[i])) if maker[i] >= 0 else -1
        listed[i] = place >= 0
        if place >= 0:
            codes[i] = key_codes[place]
        elif known >= 0:
            codes[i] = prefix_codes[known]
        if codes[i] != UNKNOWN:
            kin[i] = mix64(np.uint64(codes[i]) + np.uint64(1))
        elif maker[i] >= 0:
            kin[i] = mix64(np.uint64(maker[i]) + np.uint64(1 << 32))
        else:
            kin[i] = segment[i]
    return codes, kin, segment, maker, listed
