"""Which lines come of a machine that is being updated or restarted: it then writes what it writes at no other time."""

import numpy as np

from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.detectors.network.terms import terms_in
from pipeline.features.batch import Batch
from pipeline.features.multi_pattern import automaton

# Package managers and installers by the names under which they write, from their manuals; agents that report all day
# are not among them.
_PACKAGE_MANAGERS = (
    "dpkg", "apt", "apt-get", "aptitude", "unattended-upgrade", "unattended-upgrades", "yum", "yum-cron", "dnf",
    "dnf-automatic", "rpm", "rpm-ostree", "zypper", "zypp", "transactional-update", "apk", "pacman", "opkg", "pkg",
    "freebsd-update", "softwareupdated", "needrestart", "MsiInstaller", "Microsoft-Windows-WindowsUpdateClient",
    "Microsoft-Windows-Servicing",
)  # fmt: skip
# How systems say that they go down or come up: Linux, systemd, syslogd, BSD, Windows, network operating systems.
_RESTARTS = automaton((
    "linux version ", "booting linux on physical", "kernel command line:", "darwin kernel version", "freebsd is a",
    "running in system mode", "startup finished in", "reached target reboot", "reached target power-off",
    "reached target shutdown", "reached target system reboot", "reached target system power off",
    "reached target system shutdown", "system is rebooting", "system is powering down", "rebooting system",
    "going down for reboot", "shutting down for system reboot", "rsyslogd) start", "log source = /proc/kmsg started",
    "the event log service was started", "the event log service was stopped", "the operating system started at",
    "%sys-5-restart", "%sys-5-reload",
))  # fmt: skip
AFTER_S = 900.0
"""A server has stopped, come up and said what it starts within so long; an update's pauses are shorter."""


class Upkeep(WindowedSum):
    """Hosts on which a package manager wrote, or that went down or up, within a quarter of an hour. 120 bytes each."""

    def __init__(self, groups: int, hosts: int) -> None:
        super().__init__(groups, hosts, AFTER_S)

    def mark(self, batch: Batch, rows: np.ndarray, host: np.ndarray, told: np.ndarray) -> np.ndarray:
        """bool[m]: rows that belong to it. host uint64[m]; told bool[m]: rows that are unusual at all, for only these
        are read: who restarts often is known for it, and needs no excuse."""
        signs = batch.is_in("program", _PACKAGE_MANAGERS)[rows]
        asked = np.flatnonzero(told & ~signs)
        signs[asked] = terms_in(batch, rows[asked], "message", _RESTARTS).any(axis=1)
        lately: np.ndarray = self.add(host, signs.astype(np.float64), batch.ts[rows], batch.groups[rows]) > 0
        return lately
