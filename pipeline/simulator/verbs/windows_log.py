"""What Windows writes down beside logons: accounts changed, logs cleared, services and tasks made, memory read."""

from typing import Any

from pipeline.simulator.documents import logs
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.host import Host

SECURITY = "windows.security"
_AUDITING = "Microsoft-Windows-Security-Auditing"
_ACCOUNTS = {
    "account_created": ("4720", "A user account was created."),
    "account_enabled": ("4722", "A user account was enabled."),
    "account_deleted": ("4726", "A user account was deleted."),
    "password_change": ("4724", "An attempt was made to reset an account's password."),
    "group_changed": ("4728", "A member was added to a security-enabled global group."),
}


def _base(host: Host, program: str, user: str, code: str, message: str) -> dict[str, Any]:
    return {"host": host.name, "program": program, "pid": 4, "severity": 6, "message": message, "event_code": code,
            "user": user}  # fmt: skip


def account(s: Scene, ts: float, user: str, action: str, target: str) -> None:
    """`user` changes an account, on the domain controller."""
    code, message = _ACCOUNTS[action]
    base = _base(s.world.servers["dc1"], _AUDITING, user, code, message)
    logs.auth(s.tape, ts, SECURITY, base, action=action, outcome="success", domain="HOSP", target_user=target)


def log_cleared(s: Scene, ts: float, host: Host, user: str) -> None:
    """Somebody empties the security log."""
    base = _base(host, "Microsoft-Windows-Eventlog", user, "1102", "The audit log was cleared.")
    logs.process(s.tape, ts, base, SECURITY, action="log_cleared", target="Security")


def service_installed(s: Scene, ts: float, host: Host, user: str, image: str, name: str) -> None:
    """A service is added."""
    base = _base(host, _AUDITING, user, "4697", "A service was installed in the system.")
    logs.process(s.tape, ts, base, SECURITY, action="service_installed", image=image, target=name)


def task_created(s: Scene, ts: float, host: Host, user: str, name: str) -> None:
    """A scheduled task is added."""
    base = _base(host, _AUDITING, user, "4698", "A scheduled task was created.")
    logs.process(s.tape, ts, base, SECURITY, action="task_created", target=name)


def sysmon(s: Scene, ts: float, host: Host, user: str, code: str, action: str, image: str, target: str) -> None:
    """A Sysmon event about something acted upon: access 10, file_created 11, registry_set 13."""
    base = _base(host, "Microsoft-Windows-Sysmon", user, code, action.replace("_", " "))
    logs.process(s.tape, ts, base, action=action, image=image, target=target)
