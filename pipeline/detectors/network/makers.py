"""Makers whose programs ask their own servers by the clock, for updates, lists, certificates and the time.

In a large house many machines ask the same, which `network.beaconing` sees; a small one has but one machine that does.
Nobody else can put anything on these servers: who offers room, forms, chats or remote control is not among them.
"""

import numpy as np

from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.detectors.network.sites import lies_under
from pipeline.features.batch import Batch
from pipeline.features.naming import named
from pipeline.features.state_parts import InParts

_MAKERS = frozenset((
    "mp.microsoft.com", "update.microsoft.com", "data.microsoft.com", "officecdn.microsoft.com",
    "wns.windows.com", "gvt1.com", "update.googleapis.com", "clients2.google.com", "mtalk.google.com",
    "push.apple.com", "mesu.apple.com", "swscan.apple.com", "ocsp.apple.com", "xp.apple.com",
    "windowsupdate.com", "msftconnecttest.com", "msftncsi.com", "mozilla.com", "mozilla.org", "mozilla.net",
    "opera.com", "ntp.org", "ubuntu.com", "canonical.com", "debian.org", "redhat.com", "fedoraproject.org",
    "centos.org", "suse.com", "opensuse.org", "kernel.org", "archlinux.org", "alpinelinux.org", "eset.com",
    "kaspersky.com", "kaspersky-labs.com", "sophos.com", "sophosxl.net", "sophosupd.com", "mcafee.com",
    "trellix.com", "symantec.com", "symantecliveupdate.com", "norton.com", "avast.com", "avcdn.net", "avg.com",
    "avira.com", "bitdefender.com", "bitdefender.net", "trendmicro.com", "f-secure.com", "withsecure.com",
    "malwarebytes.com", "clamav.net", "crowdstrike.com", "sentinelone.net", "digicert.com", "letsencrypt.org",
    "lencr.org", "globalsign.com", "globalsign.net", "sectigo.com", "usertrust.com", "entrust.net",
    "verisign.com", "java.com", "hp.com", "dell.com", "lenovo.com", "intel.com", "nvidia.com", "amd.com",
    "canon.com", "epson.com", "xerox.com", "ricoh.com", "lexmark.com", "brother.com",
    "kyoceradocumentsolutions.com", "zebra.com",
))  # fmt: skip
ADDRESSES, DAY_S = 1024, 86_400.0
NAMES = 65_536
LONGEST = 253  # letters of a host's name


def is_maker(host: str) -> bool:
    """Whether the host, of any case, is one of them or lies under one.

    >>> is_maker("Update.ESET.com"), is_maker("eset.com.example.net")
    (True, False)
    """
    return lies_under(host.lower()[:LONGEST], _MAKERS)


class MakersServers(InParts):
    """Tells contacts with makers' servers: by the host that a request names, or by the name under which the address
    was greeted over TLS within a day. O(1) a TLS event, 170 bytes an address.

    Who forges such a name is believed, as by whoever counts machines by name.
    """

    def __init__(self, groups: int) -> None:
        self._greeted = WindowedSum(groups, ADDRESSES, DAY_S)
        self._parts = {"greeted": self._greeted}
        self._known: dict[int, bool] = {}

    def mark(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[m]: the rows (ascending) of flows and requests that went there, as known with the row itself.

        Every batch has to come by here, with contacts or without.
        """
        greetings = np.flatnonzero(batch.kind("tls") & (batch.hash("dst_ip") != 0))
        weight, wanted = np.zeros(batch.n), np.zeros(batch.n, np.bool_)
        weight[greetings] = self._named(batch, greetings, "sni")
        found = self._named(batch, rows, "host")
        wanted[greetings] = wanted[rows] = True
        at = np.flatnonzero(wanted)
        if len(at):
            sums = self._greeted.add(batch.hash("dst_ip")[at], weight[at], batch.ts[at], batch.groups[at])
            weight[at] = sums
            found |= weight[rows] > 0
        return found

    def _named(self, batch: Batch, rows: np.ndarray, field: str) -> np.ndarray:
        """bool[m]: the names that are makers'; each different one is looked at once."""
        out = np.zeros(len(rows), np.bool_)
        said = np.flatnonzero(batch.hash(field)[rows] != 0)
        if not len(said):
            return out
        hashes, first, where = np.unique(batch.hash(field)[rows[said]], return_index=True, return_inverse=True)
        known = self._known
        if len(known) > NAMES:
            known.clear()
        is_one = np.zeros(len(hashes), np.bool_)
        for k, (key, row) in enumerate(zip(hashes.tolist(), rows[said[first]].tolist(), strict=True)):
            if key not in known:
                known[key] = is_maker(named(batch, row, field, otherwise="", limit=LONGEST))
            is_one[k] = known[key]
        out[said] = is_one[where]
        return out
