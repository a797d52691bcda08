"""Okta, by its maker's catalogue of event types."""

from pipeline.detectors.logs.host_rule import HostRule, When, rules

DONE: When = ("!data", "result:failure", "result:deny", "result:skipped")


def _types(technique: str, weight: float, title: str, *names: str) -> tuple[HostRule, ...]:
    """Acts of these types that were carried out; how it went stands in `data`."""
    return rules(technique, weight, title, (("code=", *names), DONE))


RULES: tuple[HostRule, ...] = (
    *rules("T1110.003", 0.6, "the directory itself takes something for an attack",
           (("code=", "user.risk.detect", "policy.auth_reevaluate.fail", "security.session.detect_client_roaming",
                   "system.org.lockout"), ("data", "high", "threat",
             "roaming", "fail", "lockout"))),
    *rules("T1087.004", 0.5, "somebody asks for a program that they may not use",
           (("code=", "app.generic.unauth_app_access_attempt"),)),
    *_types("T1562.001", 0.65, "what the directory asks or watches for is switched off",
            "security.attack_protection.settings.update", "security.behavior.settings.delete",
            "security.behavior.settings.deactivate", "security.device.temporarily_disable_blocking",
            "security.device.remove_request_blacklist", "security.zone.remove_blacklist", "zone.remove_blacklist",
            "policy.entity_risk.deactivate", "device.assurance.policy.delete", "security.events.provider.update",
            "system.org.captcha.deactivate", "system.org.captcha.delete"),
    *_types("T1562.008", 0.65, "the records of a cloud are switched off or deleted",
            "system.log_stream.lifecycle.update",
            "inline_hook.deactivated", "inline_hook.deleted", "event_hook.updated"),
    *_types("T1556.006", 0.45, "a second factor of an account is changed", "user.mfa.factor.suspend",
            "user.mfa.factor.activate", "user.mfa.factor.update", "device.user.add", "device.enrollment.create"),
    *_types("T1556", 0.6, "passwords of all are cancelled or read by others", "user.lifecycle.password_mass_expiry",
            "user.import.password", "application.user_membership.show_password", "app.user_membership.change_password",
            "application.user_membership.change_password"),
    *_types("T1552", 0.65, "a secret of the directory is read", "system.idp.lifecycle.read_client_secret",
            "app.oauth2.client.lifecycle.read_client_secret",
            "pam.secret.reveal"),
    *_types("T1098.001", 0.5, "a program is given a key to the directory", "app.oauth2.credentials.lifecycle.create",
            "app.oauth2.client.lifecycle.activate", "app.oauth2.client.lifecycle.new_secret",
            "app.oauth2.key.rollover", "app.keys.generate_legacy", "app.keys.clone_legacy",
            "app.oauth2.trusted_server.add"),
    *_types("T1098.001", 0.35, "a program of the directory is changed", "application.lifecycle.create",
            "application.lifecycle.update", "application.lifecycle.activate", "app.oauth2.client.lifecycle.update",
            "application.configuration.update_api_credentials",
            "application.provision.integration.update"),
    *_types("T1531", 0.4, "programs or ways of the directory are taken away", "application.lifecycle.delete",
            "application.lifecycle.deactivate", "system.idp.lifecycle.delete", "system.idp.lifecycle.deactivate",
            "system.agent.ad.delete", "system.agent.ad.deactivate"),
    *_types("T1484.002", 0.65, "somebody else is trusted to say who logs on to the directory", "system.idp.key.update",
            "system.agent.ldap.create"),
    *_types("T1098.003", 0.6, "an account is made administrator of the directory", "iam.roleset.bindings.add",
            "iam.role.permissions.add", "iam.role.update"),
    *rules("T1098.003", 0.6, "an account is put into a group of administrators",
           (("code=", "group.user_membership.add"), ("data", "admin"), DONE)),
    *_types("T1098", 0.3, "an account of the directory is let in again", "user.lifecycle.activate",
            "user.lifecycle.reactivate", "user.lifecycle.unsuspend", "user.account.unlock_by_admin",
            "user.account.update_primary_email", "user.account.update_secondary_email"),
    *_types("T1078.004", 0.65, "somebody of the maker may enter the directory",
            "user.session.impersonation.extend"),
    *rules("T1621", 0.55, "somebody refuses a log-on that they did not begin",
           (("code=", "user.mfa.okta_verify", "user.authentication.auth_via_mfa"), ("data", "user rejected",
             "invalid_credentials_rejected", "user_rejected", "rejected push"))),
    *rules("T1078.004", 0.6, "somebody logs on as they never did, and gravely so",
           (("code=", "user.session.start", "user.authentication.sso", "policy.evaluate_sign_on"),
            ("data", "velocity=positive", "new country=positive", "new geo-location=positive"),
            ("data", "new ip=positive"), ("data", "new device=positive"), DONE)),
    *_types("T1059", 0.5, "what runs by itself in the directory is changed", "workflows.user.flow.create",
            "workflows.user.connection.create", "workflows.user.delegatedflow.run", "inline_hook.created",
            "inline_hook.activated", "event_hook.created", "event_hook.activated", "workflows.user.flow.import"),
    *_types("T1530", 0.5, "tables or records of the directory are written out", "workflows.user.table.export",
            "workflows.user.flow.export", "analytics.reports.export.download"),
    *_types("T1036", 0.45, "what mails and pages of the directory say is changed", "system.email.template.update",
            "system.email.template.create", "system.custom_url_domain.initiate", "system.brand.update",
            "system.email.domain.create", "system.sms.template.update"),
)  # fmt: skip
