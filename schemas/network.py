"""Network events: what a sensor (Zeek, Suricata, a flow exporter) saw between two addresses."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.base import Count, Event, LongText, Port, Seconds, Text, TextList


class NetworkBase(Event):
    """Addresses common to all network events. `src` is the originator of the connection."""

    KEY: ClassVar[tuple[str, ...]] = ("src_ip", "src_mac")

    src_ip: Text | None = None
    src_port: Port | None = None
    dst_ip: Text | None = None
    dst_port: Port | None = None
    proto: Text | None = None
    """Transport in lower case: tcp, udp, icmp."""
    service: Text | None = None
    """Application protocol in lower case as the sensor recognised it: http, dns, ssl, ssh, smb, dicom …"""
    uid: Text | None = None
    """The sensor's id of the connection; joins events of one connection."""
    src_mac: Text | None = None
    dst_mac: Text | None = None


class FlowEvent(NetworkBase):
    """One connection or flow (OCSF 4001). `out` is from originator to responder."""

    kind: Literal["flow"] = "flow"
    duration_s: Seconds | None = None
    bytes_out: Count | None = None
    bytes_in: Count | None = None
    packets_out: Count | None = None
    packets_in: Count | None = None
    conn_state: Text | None = None
    """Zeek's word: S0 no reply, REJ refused, SF normal, RSTO …"""
    history: Text | None = None
    community_id: Text | None = None


class DnsEvent(NetworkBase):
    """One DNS query with its answer (OCSF 4003)."""

    kind: Literal["dns"] = "dns"
    query: LongText | None = None
    qtype: Text | None = None
    rcode: Text | None = None
    """NOERROR, NXDOMAIN … in upper case."""
    answers: TextList | None = None
    rtt_s: Seconds | None = None


class HttpEvent(NetworkBase):
    """One HTTP request with its response (OCSF 4002). Bytes are body lengths."""

    kind: Literal["http"] = "http"
    method: Text | None = None
    host: Text | None = None
    uri: LongText | None = None
    user_agent: LongText | None = None
    referrer: LongText | None = None
    status: Annotated[int, Field(ge=0, le=999)] | None = None
    bytes_out: Count | None = None
    bytes_in: Count | None = None
    mime_type: Text | None = None
    user: Text | None = None


class TlsEvent(NetworkBase):
    """One TLS handshake."""

    kind: Literal["tls"] = "tls"
    sni: Text | None = None
    tls_version: Text | None = None
    cipher: Text | None = None
    ja3: Text | None = None
    ja3s: Text | None = None
    ja4: Text | None = None
    subject: LongText | None = None
    issuer: LongText | None = None
    validation: Text | None = None
    established: bool | None = None


class FileEvent(NetworkBase):
    """A file seen on the wire or touched over SMB (OCSF 1001, 4006)."""

    kind: Literal["file"] = "file"
    action: Text | None = None
    """SMB::FILE_RENAME, SMB::FILE_WRITE, transfer, map …"""
    share: LongText | None = None
    filename: LongText | None = None
    previous_filename: LongText | None = None
    size_bytes: Count | None = None
    mime_type: Text | None = None
    md5: Text | None = None
    sha1: Text | None = None
    sha256: Text | None = None


class NetworkAuthEvent(NetworkBase):
    """A logon as the network shows it: SSH, RDP, Kerberos, NTLM, FTP (OCSF 3002)."""

    kind: Literal["auth"] = "auth"
    user: Text | None = None
    domain: Text | None = None
    outcome: Literal["success", "failure", "unknown"] = "unknown"
    attempts: Count | None = None
    client: Text | None = None
    server: Text | None = None
    request_type: Text | None = None
    target: Text | None = None
    """The service or host the ticket or session is for."""
    cipher: Text | None = None
    error: Text | None = None


class MailEvent(NetworkBase):
    """One mail transaction (OCSF 4009)."""

    kind: Literal["mail"] = "mail"
    mail_from: Text | None = None
    """Address of the sender as the reader of the mail sees it (From)."""
    from_name: Text | None = None
    """Name shown beside it."""
    reply_to: Text | None = None
    rcpt_to: TextList | None = None
    subject: LongText | None = None
    user_agent: LongText | None = None
    spf: Text | None = None
    """pass, fail, softfail, neutral, none …, as the receiving server found (RFC 8601)."""
    dkim: Text | None = None
    dmarc: Text | None = None
    links: TextList | None = None
    """Addresses in the body, the first few."""
    link_mismatch: Count | None = None
    """Links whose shown text names another site than they lead to; of a sender who is vouched for, not his own site,
    which he leads to through who counts his clicks."""
    attachments: TextList | None = None
    """File names."""
    suspicion: Count | None = None
    """How many of seven signs of phishing the mail shows that need no model: authentication that failed or vouches for
    nothing; the latter, or no sender, and no link leads to his domain; replies that go to another domain, a link that
    shows another site, a dangerous attachment, a name that is another's address, letters that only look like letters.
    """
    signs: Text | None = None
    """Which of them, separated by blanks: `unvouched elsewhere reply link file name letters`."""
    words: LongText | None = None
    """Which words of a fixed list of bait (urgent, password, invoice …) subject and body hold, in alphabetical order.
    The body itself is not kept: a name cannot be read out of it."""


class MailLink(NetworkBase):
    """A site that a mail links to, told to every key group, for the host that opens it may belong to any."""

    kind: Literal["mail_link"] = "mail_link"
    url: LongText | None = None
    site: Text | None = None
    """Host of the address, in lower case."""
    mail_from: Text | None = None
    rcpt_to: TextList | None = None
    suspicion: Count | None = None
    """As in the mail."""


class DhcpEvent(NetworkBase):
    """An address lease (OCSF 4004): what ties a MAC and a name to an address."""

    kind: Literal["dhcp"] = "dhcp"
    assigned_ip: Text | None = None
    hostname: Text | None = None
    lease_s: Seconds | None = None


class SoftwareEvent(NetworkBase):
    """Software that the host `src_ip` was seen to run (OCSF 5001)."""

    kind: Literal["software"] = "software"
    software: Text | None = None
    version: Text | None = None
    software_type: Text | None = None


Vital = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]


class VitalsEvent(NetworkBase):
    """Vital signs a monitor or gateway reported in one connection, beside how the connection went."""

    kind: Literal["vitals"] = "vitals"
    duration_s: Seconds | None = None
    bytes_out: Count | None = None
    bytes_in: Count | None = None
    gap_in_s: Seconds | None = None
    """Mean time between the responder's packets."""
    heart_rate: Vital | None = None
    """A minute, from the ECG."""
    pulse_rate: Vital | None = None
    """A minute, from the finger."""
    spo2: Vital | None = None
    """Per cent."""
    respiratory_rate: Vital | None = None
    systolic: Vital | None = None
    """mmHg."""
    diastolic: Vital | None = None
    temperature_c: Vital | None = None


class IdsAlert(NetworkBase):
    """What another detector (Suricata, a Zeek notice) raised."""

    kind: Literal["ids_alert"] = "ids_alert"
    signature: LongText
    signature_id: Text | None = None
    category: Text | None = None
    severity: Annotated[int, Field(ge=0, le=255)] | None = None
    """1 is the gravest, as in Suricata."""
    action: Text | None = None


class OtherNetworkEvent(NetworkBase):
    """Any other sensor record (weird, modbus, dce_rpc, x509 …): its name and its fields as JSON text."""

    kind: Literal["other"] = "other"
    name: Text | None = None
    detail: LongText | None = None


NetworkEvent = Annotated[
    FlowEvent
    | DnsEvent
    | HttpEvent
    | TlsEvent
    | FileEvent
    | NetworkAuthEvent
    | MailEvent
    | MailLink
    | DhcpEvent
    | SoftwareEvent
    | VitalsEvent
    | IdsAlert
    | OtherNetworkEvent,
    Field(discriminator="kind"),
]
"""Any network event, told apart by `kind`."""
