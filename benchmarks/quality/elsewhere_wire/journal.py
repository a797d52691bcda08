"""What servers and hosts write: Windows events by a shipper, syslog, a web server's access log, EVE."""

from datetime import UTC, datetime, timedelta, timezone

from benchmarks.quality.elsewhere_wire.site import Record, Site

_LOCAL = timezone(timedelta(hours=-5))
_CHANNELS = {
    "Security": "Microsoft-Windows-Security-Auditing",
    "System": "Service Control Manager",
    "Microsoft-Windows-Sysmon/Operational": "Microsoft-Windows-Sysmon",
}
_TELEPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.6 Mobile/15E148 Safari/604.1"
)
SYSMON = "Microsoft-Windows-Sysmon/Operational"


class Journal:
    """Lines and events, into the same collection as the wire's."""

    def __init__(self, site: Site) -> None:
        self.site, self.chance, self.told = site, site.chance, site.told
        self.record = 40_000

    def windows(self, ts: float, host: str, code: int, channel: str = "Security", **data: object) -> None:
        """An event in the words of Winlogbeat, or of NXLog in houses whose seed is a multiple of three."""
        self.record += 1
        given = {k: str(v) for k, v in data.items()}
        when = datetime.fromtimestamp(ts, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if self.site.seed % 3 == 0:
            event: Record = {
                "EventTime": when,
                "Hostname": f"{host}.stmark.lan",
                "EventID": code,
                "Channel": channel,
                "SourceName": _CHANNELS[channel],
                "RecordNumber": self.record,
                "SeverityValue": 2,
            } | given
        else:
            event = {
                "@timestamp": when,
                "event": {"code": str(code), "kind": "event", "provider": _CHANNELS[channel]},
                "host": {"name": f"{host.lower()}.stmark.lan"},
                "agent": {"type": "winlogbeat", "version": "8.15.2"},
                "winlog": {
                    "channel": channel,
                    "provider_name": _CHANNELS[channel],
                    "event_id": str(code),
                    "record_id": self.record,
                    "computer_name": f"{host}.stmark.lan",
                    "event_data": given,
                },
            }
        self.told["windows"].append((ts, event))

    def logon(
        self,
        ts: float,
        host: str,
        user: str,
        ip: str,
        kind: int,
        desk: str = "-",
        ok: bool = True,
        package: str = "Kerberos",
    ) -> None:
        """4624 or 4625."""
        more = {} if ok else {"Status": "0xc000006d", "SubStatus": "0xc000006a", "FailureReason": "%%2313"}
        self.windows(
            ts,
            host,
            4624 if ok else 4625,
            SubjectUserName="-",
            SubjectDomainName="-",
            TargetUserName=user,
            TargetDomainName="STMARK",
            TargetUserSid=f"S-1-5-21-77-{sum(user.encode()) * 7}",
            LogonType=kind,
            WorkstationName=desk,
            IpAddress=ip,
            IpPort=self.chance.randrange(49152, 65000),
            LogonProcessName="Kerberos" if package == "Kerberos" else "NtLmSsp ",
            AuthenticationPackageName=package,
            **more,
        )

    def process(
        self, ts: float, host: str, user: str, image: str, line: str, parent: str, parent_line: str = ""
    ) -> None:
        """Sysmon's event 1."""
        self.windows(
            ts,
            host,
            1,
            SYSMON,
            UtcTime=datetime.fromtimestamp(ts, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
            ProcessId=self.chance.randrange(1000, 20_000),
            Image=image,
            CommandLine=line,
            User=f"STMARK\\{user}",
            ParentImage=parent,
            ParentCommandLine=parent_line or parent,
            IntegrityLevel="Medium",
            CurrentDirectory="C:\\Windows\\system32\\",
        )

    def syslog(self, ts: float, host: str, program: str, text: str, file: str = "messages") -> None:
        """A line as rsyslog writes it by default since its version 8."""
        when = datetime.fromtimestamp(ts, _LOCAL).isoformat(timespec="microseconds")
        self.told[file].append((ts, f"{when} {host} {program}: {text}"))

    def rejected(self, ts: float, user: str, ip: str) -> None:
        """A wrong password at the concentrator."""
        why = "AAA user authentication Rejected : reason = AAA failure : server = 10.64.1.10"
        self.syslog(ts, "stm-asa", "%ASA-6-113005", f"{why} : user = {user} : user IP = {ip}")

    def request(
        self,
        ts: float,
        ip: str,
        uri: str,
        method: str = "GET",
        status: int = 200,
        size: int = 5000,
        agent: str = "",
        referrer: str = "-",
    ) -> None:
        """A line of the portal's access log, and what the sensor of its network made of the connection."""
        when = datetime.fromtimestamp(ts, _LOCAL).strftime("%d/%b/%Y:%H:%M:%S %z")
        shown = agent or _TELEPHONE
        self.told["portal_access"].append(
            (ts, f'{ip} - - [{when}] "{method} {uri} HTTP/1.1" {status} {size} "{referrer}" "{shown}"')
        )
        if self.chance.random() < 0.4:
            self.flow(ts, ip, "172.22.5.20", 443, "tls", 1800, size + 4000, 1.5)

    def eve(
        self, ts: float, kind: str, src: str, sport: int, dst: str, port: int, proto: str = "TCP", **more: object
    ) -> None:
        """Suricata's record."""
        when = datetime.fromtimestamp(ts, _LOCAL).strftime("%Y-%m-%dT%H:%M:%S.%f%z")
        self.told["eve"].append(
            (
                ts,
                {
                    "timestamp": when,
                    "flow_id": self.chance.randrange(10**15),
                    "in_iface": "ens2f0",
                    "event_type": kind,
                    "src_ip": src,
                    "src_port": sport,
                    "dest_ip": dst,
                    "dest_port": port,
                    "proto": proto,
                }
                | more,
            )
        )

    def flow(
        self,
        ts: float,
        src: str,
        dst: str,
        port: int,
        app: str,
        out: int,
        into: int,
        dur: float,
        state: str = "closed",
        reason: str = "timeout",
    ) -> None:
        """A flow, written a minute after its end."""

        def when(at: float) -> str:
            return datetime.fromtimestamp(at, _LOCAL).strftime("%Y-%m-%dT%H:%M:%S.%f%z")

        flow = {
            "pkts_toserver": out // 900 + 3 if into else 1,
            "pkts_toclient": into // 1200 + 3 if into else 0,
            "bytes_toserver": out + 300 if into else 60,
            "bytes_toclient": into + 300 if into else 0,
            "start": when(ts),
            "end": when(ts + dur),
            "age": int(dur),
            "state": state,
            "reason": reason,
            "alerted": False,
        }
        more = {"app_proto": app} if app else {}
        self.eve(ts + dur + 60, "flow", src, self.chance.randrange(1025, 65000), dst, port, flow=flow, **more)
