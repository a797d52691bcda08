"""Messages of Kerberos as far as they are read (RFC 4120, appendix A)."""

from typing import ClassVar

from asn1crypto.core import Any, BitString, GeneralizedTime, GeneralString, Integer, OctetString, Sequence, SequenceOf

APPLICATION = 1


class KerberosString(GeneralString):
    """What implementations write there: UTF-8."""

    _encoding = "utf-8"


class Names(SequenceOf):
    """Parts of a name."""

    _child_spec = KerberosString


class Things(SequenceOf):
    """That nobody looks at."""

    _child_spec = Any


class PrincipalName(Sequence):
    """Of a user, a machine or a service."""

    _fields: ClassVar = [("kind", Integer, {"explicit": 0}), ("parts", Names, {"explicit": 1})]


class EncryptedData(Sequence):
    """What is sealed, and in which cipher."""

    _fields: ClassVar = [
        ("cipher", Integer, {"explicit": 0}), ("version", Integer, {"explicit": 1, "optional": True}),
        ("data", OctetString, {"explicit": 2}),
    ]  # fmt: skip


class Ticket(Sequence):
    """For a service."""

    explicit = (APPLICATION, 1)
    _fields: ClassVar = [
        ("version", Integer, {"explicit": 0}), ("realm", KerberosString, {"explicit": 1}),
        ("service", PrincipalName, {"explicit": 2}), ("sealed", EncryptedData, {"explicit": 3}),
    ]  # fmt: skip


class RequestBody(Sequence):
    """What is asked for."""

    _fields: ClassVar = [
        ("options", BitString, {"explicit": 0}), ("client", PrincipalName, {"explicit": 1, "optional": True}),
        ("realm", KerberosString, {"explicit": 2}), ("service", PrincipalName, {"explicit": 3, "optional": True}),
        ("from", GeneralizedTime, {"explicit": 4, "optional": True}), ("till", GeneralizedTime, {"explicit": 5}),
        ("renew", GeneralizedTime, {"explicit": 6, "optional": True}), ("nonce", Integer, {"explicit": 7}),
        ("ciphers", Things, {"explicit": 8}), ("addresses", Things, {"explicit": 9, "optional": True}),
        ("sealed", EncryptedData, {"explicit": 10, "optional": True}),
        ("tickets", Things, {"explicit": 11, "optional": True}),
    ]  # fmt: skip


class Request(Sequence):
    """For a first ticket (AS), or for one of a service (TGS)."""

    _fields: ClassVar = [
        ("version", Integer, {"explicit": 1}), ("kind", Integer, {"explicit": 2}),
        ("proofs", Things, {"explicit": 3, "optional": True}), ("body", RequestBody, {"explicit": 4}),
    ]  # fmt: skip


class FirstRequest(Request):
    """AS-REQ."""

    explicit = (APPLICATION, 10)


class ServiceRequest(Request):
    """TGS-REQ."""

    explicit = (APPLICATION, 12)


class Reply(Sequence):
    """A ticket."""

    _fields: ClassVar = [
        ("version", Integer, {"explicit": 0}), ("kind", Integer, {"explicit": 1}),
        ("proofs", Things, {"explicit": 2, "optional": True}), ("realm", KerberosString, {"explicit": 3}),
        ("client", PrincipalName, {"explicit": 4}), ("ticket", Ticket, {"explicit": 5}),
        ("sealed", EncryptedData, {"explicit": 6}),
    ]  # fmt: skip


class FirstReply(Reply):
    """AS-REP."""

    explicit = (APPLICATION, 11)


class ServiceReply(Reply):
    """TGS-REP."""

    explicit = (APPLICATION, 13)


class Refusal(Sequence):
    """KRB-ERROR. What must be there by the book, and need not to be understood, may be missing."""

    explicit = (APPLICATION, 30)
    _fields: ClassVar = [
        ("version", Integer, {"explicit": 0, "optional": True}), ("kind", Integer, {"explicit": 1, "optional": True}),
        ("client_time", GeneralizedTime, {"explicit": 2, "optional": True}),
        ("client_microseconds", Integer, {"explicit": 3, "optional": True}),
        ("time", GeneralizedTime, {"explicit": 4, "optional": True}),
        ("microseconds", Integer, {"explicit": 5, "optional": True}), ("code", Integer, {"explicit": 6}),
        ("client_realm", KerberosString, {"explicit": 7, "optional": True}),
        ("client", PrincipalName, {"explicit": 8, "optional": True}),
        ("realm", KerberosString, {"explicit": 9, "optional": True}),
        ("service", PrincipalName, {"explicit": 10, "optional": True}),
        ("text", KerberosString, {"explicit": 11, "optional": True}),
        ("data", Any, {"explicit": 12, "optional": True}),
    ]  # fmt: skip
