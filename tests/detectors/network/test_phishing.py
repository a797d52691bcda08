"""Look-alike names, and clicks joined with mails across key groups."""

from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path

import pytest

from pipeline.detectors.network.look_alikes import look_alike, named_brand
from pipeline.detectors.network.open_hosts import is_open
from pipeline.ingest.reader import Parsed, read_path
from pipeline.runtime.line import Plan
from pipeline.runtime.scan import Scan
from pipeline.settings import load_settings
from schemas.alert import Alert


@pytest.mark.parametrize(
    ("host", "brand"),
    [("paypa1.com", "paypal"), ("www.micros0ft-support.icu", "microsoft"), ("arnazon.com", "amazon"),
     ("amazon.co.verify-account.ru", "amazon"), ("microsfot.com", "microsoft"), ("xn--pple-43d.com", "apple"),
     ("PAYPAL-secure.example", "paypal")],
)  # fmt: skip
def test_names_that_pretend(host: str, brand: str) -> None:
    found = look_alike(host)
    assert found is not None and found.brand == brand and found.surely >= 0.5


@pytest.mark.parametrize(
    "host",
    ["paypal.com", "login.microsoftonline.com", "d1x2.cloudfront.net", "appleseed.org", "10.1.1.1", "lims.local", "",
     "st-mary.example", "corner-office.example", "secure-cloud.example", "..", "xn--zzzzzzzz.com", "a" * 300,
     "accounts-static.cdn.mozilla.net"],
)  # fmt: skip
def test_honest_names(host: str) -> None:
    found = look_alike(host)
    assert found is None or found.surely < 0.5


@pytest.mark.parametrize(
    ("name", "domain", "brand"),
    [("McAfee™", "catincdsqa.de", "mcafee"), ("Netflix Support", "crediblyx.za.com", "netflix"),
     ("Apple Support", "lqura.beauty", "apple"), ("PayPal Service", "paypal.com", None), ("Orange", "orange.fr", None),
     ("Target", "village.example", None), ("Paul Netflix", "village.example", None), ("", "", None),
     ("Netflix", "netflix-help.example", None), ("医 Netflix", "x.example", "netflix"),
     ("𝗡𝗲𝘁𝗳𝗹𝗶𝘅", "x.example", "netflix"), ("Office of the Dean", "x.example", None),
     ("Office Support", "x.example", "office")],
)  # fmt: skip
def test_names_that_speak_of_another(name: str, domain: str, brand: str | None) -> None:
    """A company's name shown over somebody else's address; a person's name and a word of the language are none."""
    assert named_brand(name, domain) == brand


def test_hosts_where_anybody_puts_a_page() -> None:
    assert is_open("bit.ly") and is_open("acct7.blob.core.windows.net")
    assert not any(map(is_open, ("windows.net", "microsoft.com", "abit.ly", "", "ly")))


def _mail(suspicious: bool) -> bytes:
    mail = EmailMessage()
    mail["Received"] = "from x ([203.0.113.20]) by mx.hospital.example; Tue, 24 Nov 2026 08:15:00 +0000"
    mail["From"] = "Payroll <payroll@sender.example>"
    mail["To"] = "ward3@hospital.example"
    if suspicious:
        mail["Reply-To"] = "desk@else.example"
        mail["Authentication-Results"] = "mx; spf=fail; dmarc=fail"
    mail["Subject"] = "Your salary"
    mail.set_content("Verify your account now: http://payroll-check.example/verify/login.php")
    return mail.as_bytes()


def _told(folder: Path, mails: Sequence[EmailMessage]) -> int:
    """Events of the alerts about the mails themselves."""
    alerts: dict[str, Alert] = {}
    settings = load_settings(data_dir=folder / "data", identifiers="plain")
    scan = Scan(
        Plan.of(settings, make_keys=True),
        "test",
        8000,
        on_alert=lambda alert: alerts.update({alert.finding_info.uid: alert}),
    )
    for i, mail in enumerate(mails):
        (folder / f"{i}.eml").write_bytes(mail.as_bytes())
        for record in read_path(folder / f"{i}.eml"):
            assert isinstance(record, Parsed)
            scan.add(record)
    scan.finish()
    told = [a for a in alerts.values() if a.finding_info.analytic.uid == "network.phishing_mail"]
    return sum(a.count for a in told)


def _bait(links: str, day: int = 1, sender: str = "info@sender.example") -> EmailMessage:
    mail = EmailMessage()
    mail["Received"] = f"from x ([203.0.113.20]) by mx.hospital.example; Tue, {day:02} Sep 2026 08:15:00 +0000"
    if sender:
        mail["From"] = sender
    mail["To"] = "ward3@hospital.example"
    mail["Subject"] = "Urgent: your account expires today, verify and confirm your password immediately"
    mail.set_content(f"Sign in now: {links}")
    return mail


@pytest.mark.parametrize(
    ("links", "told"),
    [("https://bucket.s3.amazonaws.com/x", True), ("https://a.example/1 https://bucket.s3.amazonaws.com/x", True),
     ("https://news.sender.example/1 https://bucket.s3.amazonaws.com/x", False), ("https://a.example/1", False),
     ("http://3325256711/x", True), ("http://198.51.100.7:8080/x", True)],
)  # fmt: skip
def test_free_pages_and_numbers_tell_where_nothing_leads_to_the_sender(tmp_path: Path, links: str, told: bool) -> None:
    assert _told(tmp_path, [_bait(links)]) == told


def test_a_mail_of_nobody(tmp_path: Path) -> None:
    assert _told(tmp_path, [_bait("https://a.example/login/verify.php?account=7", sender="")]) == 1


def test_who_only_sends_bait_becomes_no_acquaintance(tmp_path: Path) -> None:
    """A mail a day with two signs: the last is told as the first."""
    mails = [_bait("https://a.example/1", day) for day in range(1, 11)]
    for mail in mails:
        mail["Reply-To"] = "desk@else.example"
        mail["Authentication-Results"] = "mx; spf=none"
    assert _told(tmp_path, mails) == 10


@pytest.mark.parametrize("suspicious", [True, False])
def test_who_clicked_after_a_mail(tmp_path: Path, suspicious: bool) -> None:
    """One mail, ten hosts of all key groups that open its link a quarter of an hour later."""
    (tmp_path / "mail.eml").write_bytes(_mail(suspicious))
    site = "payroll-check.example\t/verify/login.php"
    rows = "".join(f"{1795509000 + i}.0\tC{i}\t10.0.0.{i}\t50000\t198.51.100.7\t80\tGET\t{site}\n" for i in range(10))
    fields = "ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tmethod\thost\turi"
    (tmp_path / "http.log").write_text(f"#separator \\x09\n#path\thttp\n#fields\t{fields}\n{rows}")
    alerts: list[Alert] = []
    settings = load_settings(data_dir=tmp_path / "data", identifiers="plain")
    scan = Scan(Plan.of(settings, make_keys=True), "test", 8000, on_alert=alerts.append)
    for name in ("mail.eml", "http.log"):
        for record in read_path(tmp_path / name):
            assert isinstance(record, Parsed)
            scan.add(record)
    scan.finish()
    clicked = {str(a.unmapped["entity"]) for a in alerts if a.finding_info.analytic.uid == "network.phishing_click"}
    mails = [a for a in alerts if a.finding_info.analytic.uid == "network.phishing_mail"]
    assert clicked == ({f"10.0.0.{i}" for i in range(10)} if suspicious else set())
    assert len(mails) == (1 if suspicious else 0)
    assert all("nothing that vouches for its sender, no link to the sender's own site" in str(a.message) for a in mails)
