"""What a story expects is a detector that exists."""

from pipeline.detectors.catalogue import catalogue
from pipeline.simulator.playbill import confounder_kinds, story_kinds

# Announced, and not here yet.
PLANNED = {
    "network.slow_scan", "network.long_connection", "network.rare_destination", "network.exfiltration",
    "network.slow_exfiltration", "network.flood", "network.lateral_movement", "network.dns_tunnel", "network.dga",
    "network.ransomware", "network.tls_oddity", "network.kerberoasting", "network.pass_the_hash", "network.ntlm_relay",
    "network.remote_service_exec", "network.arp_spoofing", "network.rogue_dhcp",
    "devices.new_peer", "devices.internet", "devices.silent", "devices.rhythm", "devices.clinical_protocol",
    "devices.mass_retrieval", "devices.remote_access",
    "logs.password_spray", "logs.impossible_travel", "logs.odd_hour", "logs.new_host_for_user", "logs.dormant_account",
    "logs.privilege_gained", "logs.account_created_then_used", "logs.rare_parent_child", "logs.log_clearing",
    "logs.credential_dumping", "logs.persistence", "logs.defence_evasion", "logs.remote_execution", "logs.discovery",
    "logs.backup_tampering", "logs.web_attack", "logs.volume", "logs.template_sequence",
}  # fmt: skip


def test_expected_detectors_are_in_the_catalogue() -> None:
    expected = {detector for story in story_kinds().values() for detector in story.expected}
    assert expected
    assert expected <= set(catalogue()) | PLANNED


def test_harmless_oddities_expect_nothing() -> None:
    assert all(not story.expected for story in confounder_kinds().values())
