"""Plays the scenarios of a domain and writes their packets and logs.

    python -m benchmarks.quality.lab.domain --out DATA/domain [--tools DIR …] [NAME …]

Root is needed, and Debian's packages samba, samba-ad-dc, samba-ad-provision, samba-dsdb-modules, samba-vfs-modules,
winbind, libnss-winbind, smbclient, ldb-tools, krb5-user, ldap-utils, libsasl2-modules-gssapi-mit, dnsutils, tcpdump,
ethtool, nmap, hydra, curl. Attackers' tools are looked for in `--tools`, then on the path: impacket, bloodhound,
ldapdomaindump, certipy-ad, coercer, smbmap and smbprotocol of PyPI, the programs kerbrute (ropnop), enum4linux-ng
(cddmp), nxc (NetExec), zerologon_tester (SecuraBV) and petitpotam (topotam) of their repositories. What is missing is
said, with the scenarios that are left out for it. A minute for the domain and its day, some five seconds a scenario.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.quality.lab.domain.play import Play
from benchmarks.quality.lab.domain.scenario import Scenario, all_scenarios
from benchmarks.quality.lab.net import LabError, Net


def main(words: Sequence[str] | None = None) -> int:
    """Exit status 2 where nothing can be played."""
    parser = argparse.ArgumentParser(prog="benchmarks.quality.lab.domain", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="scenarios; all without")
    parser.add_argument("--out", type=Path, required=True, help="folder of the captures")
    parser.add_argument("--tools", type=Path, action="append", default=[], help="folder of attackers' tools")
    options = parser.parse_args(words)
    known = {one.name: one for one in all_scenarios()}
    unknown = sorted(set(options.names) - known.keys())
    if unknown:
        parser.error(f"no such scenario: {', '.join(unknown)}")
    chosen = [one for one in known.values() if not options.names or one.name in options.names]
    try:
        with tempfile.TemporaryDirectory(prefix="wwlab-") as folder, Net() as net:
            _play(Play(net, Path(folder), options.out, [tool.resolve() for tool in options.tools]), chosen)
    except LabError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    return 0


def _play(play: Play, chosen: list[Scenario]) -> None:
    play.prepare()
    print(f"an ordinary day: {play.day():.0f} s", flush=True)
    for one in chosen:
        absent = play.missing(one)
        print(one.name, f"left out, {absent} is missing" if absent else f"{play.scenario(one):.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
