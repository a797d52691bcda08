"""Which of our events a rule's `logsource` means."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

LOGS, NETWORK = "logs", "network"


class EventClass(NamedTuple):
    """What tells events apart, in lower case: all that a gate looks at."""

    kind: str
    format: str
    code: str = ""
    action: str = ""
    program: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """Events of these kinds, actions, codes, formats (beginnings) and programs (beginnings); empty: any."""

    kinds: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    other_formats: tuple[str, ...] = ()
    """Beginnings of formats that are left out."""
    programs: tuple[str, ...] = ()

    def admits(self, event: EventClass) -> bool:
        """Whether events of this class are meant."""
        return (
            (not self.kinds or event.kind in self.kinds)
            and (not self.actions or event.action in self.actions)
            and (not self.codes or event.code in self.codes)
            and (not self.formats or event.format.startswith(self.formats))
            and not (self.other_formats and event.format.startswith(self.other_formats))
            and (not self.programs or event.program.startswith(self.programs))
        )


class UnreadSource(ValueError):  # noqa: N818  (not an error: a limit)
    """No event that wardwatch reads is of this log source."""


WINDOWS = ("windows",)
_HOSTS = ("windows", "linux")
# Sigma category → what our process events call it (`action`), after Sysmon's events.
_ACTIONS = {
    "process_creation": ("start",), "process_termination": ("stop",), "network_connection": ("connect",),
    "image_load": ("load",), "driver_load": ("driver_load",), "create_remote_thread": ("inject",),
    "process_access": ("access",), "raw_access_thread": ("raw_read",), "file_event": ("file_created",),
    "file_delete": ("file_deleted",), "file_change": ("file_time_changed",), "file_access": ("object_access",),
    "create_stream_hash": ("stream_created",), "registry_set": ("registry_set",),
    "registry_add": ("registry_changed",), "registry_delete": ("registry_changed",),
    "registry_rename": ("registry_renamed",),
    "registry_event": ("registry_set", "registry_changed", "registry_renamed"),
    "pipe_created": ("pipe_created", "pipe_connected"), "dns_query": ("dns_query",),
    "wmi_event": ("wmi_filter", "wmi_consumer", "wmi_binding"), "process_tampering": ("tamper",),
    "clipboard_capture": ("clipboard",), "file_block_executable": ("file_blocked",),
    "file_executable_detected": ("file_executable",),
}  # fmt: skip
_POWERSHELL = ("microsoft-windows-powershell", "powershellcore")
_CLASSIC = ("powershell", "windows powershell")
_SCRIPTS = {
    "ps_script": ("4104", _POWERSHELL), "ps_module": ("4103", _POWERSHELL), "ps_classic_start": ("400", _CLASSIC),
    "ps_classic_provider_start": ("600", _CLASSIC), "ps_classic_script": ("800", _CLASSIC),
}  # fmt: skip
_CHANNELS = ("security", "system", "application", "sysmon")
# Sigma service of Windows → beginnings of the providers (or channels) that write it, in lower case.
_PROVIDERS = {
    "powershell": _POWERSHELL, "powershell-classic": _CLASSIC, "wmi": ("microsoft-windows-wmi",),
    "taskscheduler": ("microsoft-windows-taskscheduler",), "windefend": ("microsoft-windows-windows defender",),
    "dns-server": ("microsoft-windows-dns-server-service", "dns server"),
    "dns-server-analytic": ("microsoft-windows-dnsserver",), "dns-client": ("microsoft-windows-dns-client",),
    "driver-framework": ("microsoft-windows-driverframeworks",), "ntlm": ("microsoft-windows-ntlm",),
    "applocker": ("microsoft-windows-applocker",), "bits-client": ("microsoft-windows-bits-client",),
    "codeintegrity-operational": ("microsoft-windows-codeintegrity",),
    "firewall-as": ("microsoft-windows-windows firewall",), "msexchange-management": ("msexchange",),
    "printservice-admin": ("microsoft-windows-printservice",),
    "printservice-operational": ("microsoft-windows-printservice",),
    "terminalservices-localsessionmanager": ("microsoft-windows-terminalservices-localsession",),
    "smbclient-security": ("microsoft-windows-smbclient",), "smbclient-connectivity": ("microsoft-windows-smbclient",),
    "smbserver-connectivity": ("microsoft-windows-smbserver",), "openssh": ("openssh",),
    "ldap": ("microsoft-windows-ldap-client",), "ldap_debug": ("microsoft-windows-ldap-client",),
    "security-mitigations": ("microsoft-windows-security-mitigations", "microsoft-windows-kernel-mitigation"),
    "shell-core": ("microsoft-windows-shell-core",), "vhdmp": ("microsoft-windows-vhdmp",),
    "appxdeployment-server": ("microsoft-windows-appxdeployment",),
    "appxpackaging-om": ("microsoft-windows-appxpackaging",), "appmodel-runtime": ("microsoft-windows-appmodel",),
    "capi2": ("microsoft-windows-capi2",), "lsa-server": ("microsoft-windows-lsasrv", "lsasrv"),
    "certificateservicesclient-lifecycle-system": ("microsoft-windows-certificateservicesclient",),
    "diagnosis-scripted": ("microsoft-windows-diagnosis-scripted",), "iis-configuration": ("microsoft-windows-iis",),
    "microsoft-servicebus-client": ("microsoft-servicebus",), "kernel-shimengine": ("microsoft-windows-kernel-shim",),
}  # fmt: skip
_UNIX = {
    "sshd": ("sshd",), "sudo": ("sudo",), "cron": ("cron", "crond"), "auditd": ("auditd", "audit", "audispd"),
    "clamav": ("clamd", "clamav", "freshclam"), "vsftpd": ("vsftpd",), "guacamole": ("guacd", "guacamole"),
    "modsecurity": ("modsecurity", "apache", "httpd", "nginx"), "pam": ("",), "syslog": ("",), "auth": ("",),
    "secure": ("",), "netlogon": ("netlogon",),
}  # fmt: skip
_ANTIVIRUS = (
    "antivirus", "av", "avast", "bitdefender", "clam", "cylance", "eset", "f-secure", "kaspersky", "mcafee",
    "microsoft antimalware", "microsoft-windows-windows defender", "panda", "savservice", "sentinel", "sophos",
    "symantec", "trend micro", "windefend", "windows defender",
)  # fmt: skip
_ZEEK = frozenset((
    "conn", "dns", "http", "ssl", "files", "smb_files", "smb_mapping", "ssh", "rdp", "kerberos", "ntlm", "ftp",
    "smtp", "dhcp", "software", "notice", "weird", "x509", "dce_rpc", "snmp", "ldap", "modbus", "tunnel", "pe",
    "syslog", "socks", "sip", "radius", "mysql", "irc", "telnet", "dicom", "hl7", "mqtt_connect", "ldap_search",
    "dnp3", "s7comm", "bacnet", "cip", "tftp", "postgresql", "redis", "rfb", "pop3", "imap", "smtp_auth", "mssql",
    "mongodb",
))  # fmt: skip
# Events of Suricata that are read into the very fields of a Zeek log.
_ALIKE = {"dce_rpc": ("suricata.dcerpc",), "smb_files": ("suricata.smb",), "software": ("suricata.smb",)}
# Products of which no format of ours has events.
_UNREAD = frozenset((
    "aws", "azure", "gcp", "m365", "okta", "github", "bitbucket", "onelogin", "google_workspace", "macos",
    "qualys", "cisco", "juniper", "fortios", "fortigate", "huawei", "paloalto", "f5", "kubernetes", "opencanary",
    "anydesk", "cloudflare", "salesforce", "netskope", "duo", "zscaler", "crowdstrike", "azuread", "office365",
    "spring", "jvm", "nodejs", "velocity", "rpc_firewall", "ruby_on_rails", "python", "django", "sql", "mssql_audit",
))  # fmt: skip
_WIRE = {
    "proxy": (("network", Gate(kinds=("http",))), ("logs", Gate(kinds=("web",)))),
    "webserver": (("logs", Gate(kinds=("web",))), ("network", Gate(kinds=("http",)))),
    "firewall": (("network", Gate(kinds=("flow", "ids_alert"))),),
    "dns": (("network", Gate(kinds=("dns",))),),
}
_WEB_SERVERS = frozenset(("apache", "nginx", "iis"))


@cache
def gates(category: str | None, product: str | None, service: str | None) -> Mapping[str, Gate]:
    """Our source → which of its events are meant. Raises UnreadSource where none is."""
    category, product, service = (x.lower() if x else None for x in (category, product, service))
    if category in _ACTIONS:
        return _host(category, product, service)
    if category in _SCRIPTS:
        code, programs = _SCRIPTS[category]
        return {LOGS: Gate(formats=WINDOWS, codes=(code,), programs=programs)}
    if product in _UNREAD or service in _UNREAD:
        raise UnreadSource(f"no format that wardwatch reads has events of {product or service}")
    if product == "zeek":
        return _zeek(service or category)
    if category in _WIRE:
        return dict(_WIRE[category])
    if product == "windows":
        return {LOGS: _windows(category, service)}
    return _other(category, product, service)


def _host(category: str, product: str | None, service: str | None) -> dict[str, Gate]:
    if product == "macos":
        raise UnreadSource("no format that wardwatch reads has events of macos")
    if product not in (None, *_HOSTS):
        raise UnreadSource(f"no format that wardwatch reads has {category} events of {product}")
    formats = ("windows.sysmon",) if service == "sysmon" else ()
    other = {"linux": WINDOWS, "windows": ("syslog", "linux", "auditd")}.get(product or "", ())
    return {LOGS: Gate(kinds=("process",), actions=_ACTIONS[category], formats=formats, other_formats=other)}


def _zeek(log: str | None) -> dict[str, Gate]:
    if log is not None and log not in _ZEEK:
        raise UnreadSource(f"no Zeek log {log!r} is known")
    alike = _ALIKE.get(log or "", ())
    return {NETWORK: Gate(formats=(f"zeek.{log}", *alike) if log else ("zeek.",))}


def _windows(category: str | None, service: str | None) -> Gate:
    if category is not None and service is None:
        if category in ("sysmon_status", "sysmon_error"):
            return Gate(formats=("windows.sysmon",))
        raise UnreadSource(f"category {category} of windows is not known")
    if service in _CHANNELS:
        return Gate(formats=(f"windows.{service}",))
    if service is None:
        return Gate(formats=WINDOWS)
    return Gate(formats=WINDOWS, programs=_PROVIDERS.get(service, (service, f"microsoft-windows-{service}")))


def _other(category: str | None, product: str | None, service: str | None) -> dict[str, Gate]:
    if category == "antivirus":
        return {LOGS: Gate(programs=_ANTIVIRUS)}
    if product == "linux" or (product is None and service in _UNIX):
        if service is None:
            return {LOGS: Gate(other_formats=WINDOWS)}
        programs = _UNIX.get(service, (service,))
        return {LOGS: Gate(other_formats=WINDOWS, programs=() if programs == ("",) else programs)}
    if product in _WEB_SERVERS or service in _WEB_SERVERS:
        named = str(service if service in _WEB_SERVERS else product)
        if category in (None, "webserver") and service in (None, "access"):
            return {LOGS: Gate(kinds=("web",))}
        return {LOGS: Gate(other_formats=WINDOWS, programs=(named, *(("httpd",) if named == "apache" else ())))}
    name = service or product
    if name is None:
        raise UnreadSource(f"category {category} is not known" if category else "the log source names nothing")
    return {LOGS: Gate(programs=(name,), other_formats=WINDOWS)}
