"""Mailboxes, files and their records in Microsoft 365, by the unified audit log's names."""

from string import ascii_lowercase, digits

from pipeline.detectors.logs.cloud_record import acts
from pipeline.detectors.logs.host_rule import HostRule

INBOX_RULES = ("New-InboxRule", "Set-InboxRule", "UpdateInboxRules")
PEOPLE = ("!user", "nt authority\\\\system", "nt authority\\system", "nt service\\", "microsoft.exchange",
          "serviceoperator", "app@sharepoint")  # fmt: skip
"""The service keeps its own house in the same words."""
SENT_ON = tuple(
    f"{name},value:{begin}" for name in ("forwardingsmtpaddress", "forwardingaddress")
    for begin in f"{ascii_lowercase}{digits}/"
)  # fmt: skip
"""To somebody: with an empty value it is ended."""


def _by_people(technique: str, weight: float, title: str, names: tuple[str, ...],
               *with_: tuple[str, ...]) -> tuple[HostRule, ...]:  # fmt: skip
    return tuple(rule._replace(when=(*rule.when, PEOPLE)) for rule in acts(technique, weight, title, names, *with_))


RULES: tuple[HostRule, ...] = (
    *acts("T1114.003", 0.7, "mails of a mailbox are sent on by a rule", INBOX_RULES,
          ("name:forwardto", "name:redirectto", "name:forwardasattachmentto", "actiontype\\:\\forward",
           "actiontype:forward", "actiontype:redirect", "recipients")),
    *acts("T1564.008", 0.7, "mails of a mailbox are hidden from its owner by a rule", INBOX_RULES,
          ("name:deletemessage,value:true", "name:markasread,value:true", "rss", "conversation history", "junk",
           "archive", "name:softdeletemessage,value:true", "actiontype:delete", "actiontype:markasread"),
          ("invoice", "payment", "bank", "wire", "password", "phish", "fraud", "hack", "virus", "security", "helpdesk",
           "rss", "conversation history", "name:deletemessage,value:true", "name:name,value:.", "name:name,value:,",
           "suspicious", "mailer-daemon", "postmaster")),
    *acts("T1564.008", 0.35, "a mailbox is given a rule", INBOX_RULES),
    *_by_people("T1114.003", 0.7, "all mails of a mailbox are sent on", ("Set-Mailbox",), SENT_ON),
    *_by_people("T1114.003", 0.75, "mails of the house are sent on or copied by a rule of the server",
                ("New-TransportRule", "Set-TransportRule"),
                ("name:blindcopyto", "name:redirectmessageto", "name:copyto", "name:addtorecipients",
                 "name:routemessageoutboundconnector")),
    *_by_people("T1562", 0.6, "mails pass by the filters for a rule of the server",
                ("New-TransportRule", "Set-TransportRule"), ("name:setscl,value:-1",
                 "x-ms-exchange-organization-skip")),
    *_by_people("T1114.003", 0.55, "mails may be sent on to addresses outside",
                ("Set-HostedOutboundSpamFilterPolicy", "New-HostedOutboundSpamFilterPolicy", "Set-RemoteDomain"),
                ("autoforwardingmode,value:on", "autoforwardenabled,value:true")),
    *_by_people("T1114", 0.6, "mails of the house go another way",
                ("New-InboundConnector", "New-OutboundConnector", "Set-OutboundConnector", "Set-InboundConnector")),
    *_by_people("T1562.008", 0.85, "the records of mailboxes and files are switched off",
                ("Set-AdminAuditLogConfig",), ("unifiedauditlogingestionenabled,value:false",
                                               "adminauditlogenabled,value:false")),
    *_by_people("T1562.008", 0.85, "the records of mailboxes and files are switched off",
                ("Set-OrganizationConfig",), ("auditdisabled,value:true",)),
    *_by_people("T1562.008", 0.8, "what is done in a mailbox is no longer written down",
                ("Set-Mailbox",), ("auditenabled,value:false",)),
    *_by_people("T1562.008", 0.8, "what is done in a mailbox is no longer written down",
                ("Set-MailboxAuditBypassAssociation",), ("auditbypassenabled,value:true",)),
    *_by_people("T1562.008", 0.8, "what is done in a mailbox is no longer written down",
                ("Remove-UnifiedAuditLogRetentionPolicy",)),
    *_by_people("T1562.001", 0.65, "a filter of mails is switched off",
                ("Remove-AntiPhishPolicy", "Remove-AntiPhishRule", "Disable-AntiPhishRule",
                 "Remove-MalwareFilterPolicy",
                 "Remove-MalwareFilterRule", "Disable-MalwareFilterRule", "Remove-SafeLinksPolicy",
                 "Remove-SafeLinksRule", "Disable-SafeLinksRule", "Remove-SafeAttachmentPolicy",
                 "Remove-SafeAttachmentRule", "Disable-SafeAttachmentRule", "Remove-HostedContentFilterRule",
                 "Remove-HostedContentFilterPolicy", "Disable-HostedContentFilterRule", "Remove-DlpPolicy",
                 "Remove-DlpCompliancePolicy", "Remove-RetentionCompliancePolicy")),
    *_by_people("T1562.001", 0.65, "a filter of mails is switched off",
                ("Set-DkimSigningConfig",), ("enabled,value:false",)),
    *_by_people("T1098.002", 0.45, "somebody is let into the mailbox of another",
                ("Add-MailboxPermission", "Add-RecipientPermission", "Add-MailboxFolderPermission",
                 "Set-MailboxFolderPermission")),
    *_by_people("T1098.002", 0.65, "everybody is let into a mailbox",
                ("Add-MailboxFolderPermission", "Set-MailboxFolderPermission", "Add-MailboxPermission"),
                ("user,value:default", "user,value:anonymous", "user,value:everyone"),
                ("owner", "editor", "reviewer", "fullaccess")),
    *_by_people("T1098.002", 0.75, "an account may read or be all mailboxes",
                ("New-ManagementRoleAssignment", "New-RoleGroup", "Update-RoleGroupMember", "Add-RoleGroupMember"),
                ("applicationimpersonation", "mailbox import export", "ediscovery", "discovery management")),
    *_by_people("T1114.002", 0.65, "mails of the house are written out or deleted by a search",
                ("New-ComplianceSearchAction", "New-MailboxExportRequest", "SearchExportDownloaded",
                 "SearchExported", "CaseHoldPolicyRemoved")),
    *acts("T1114.002", 0.6, "more mails are read than the records could follow",
          ("MailItemsAccessed",), ("isthrottled,value:true",)),
    *acts("T1567", 0.35, "files are shared with people outside",
          ("AnonymousLinkCreated", "SharingInvitationCreated", "AddedToSecureLink")),
    *_by_people("T1098", 0.5, "what may be shared, and by whom, is changed",
          ("SharingPolicyChanged", "SiteCollectionAdminAdded", "ExternalAccessPolicyChanged",
           "DeviceAccessPolicyChanged", "NetworkAccessPolicyChanged")),
    *acts("T1204.002", 0.6, "a file in the cloud is malware", ("FileMalwareDetected", "TIMailData"),
          ("malware", "virus")),
    *acts("T1078.004", 0.55, "the cloud's own guard warns gravely", ("AlertTriggered",), ("severity:high",)),
)  # fmt: skip
