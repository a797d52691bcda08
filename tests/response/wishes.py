"""Settings and steps that the tests of the engine share."""

from typing import Any

from response.receivers import Web

LIVE: dict[str, Any] = {"dry_run": False, "allowed_hosts": ["127.0.0.1"], "roles": {"soc": ["anna", "ben", "cleo"]}}
ISOLATE = {"do": "isolate_host", "to": ["host"], "hold_h": 2}
DISABLE = {"do": "disable_account", "to": ["user"], "hold_h": 2}


def options(web: Web, **more: Any) -> dict[str, Any]:
    nac = {
        "kind": "webhook",
        "url": f"{web.url}/do/{{target}}",
        "undo_url": f"{web.url}/undo/{{target}}",
        "timeout_s": 1,
    }
    kinds = ("isolate_host", "segment_host", "watch_closely", "disable_account", "snapshot")
    return LIVE | {"connectors": {"nac": nac}, "actions": dict.fromkeys(kinds, ("nac",))} | more
