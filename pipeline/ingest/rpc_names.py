"""Names of remote procedure calls where a sensor gives identifiers and numbers only: Zeek's words for both.

Interfaces and operation numbers are those of Microsoft's Open Specifications (MS-SCMR, MS-TSCH, MS-DRSR, MS-RPRN,
MS-PAR, MS-EFSR, MS-DFSNM, MS-FSRVP, MS-RRP, MS-SAMR, MS-LSAD, MS-LSAT, MS-NRPC, MS-SRVS, MS-WKST, MS-WMI, MS-OAUT,
MS-EVEN).
"""

from typing import Any

_INTERFACES = {
    "367abb81-9844-35f1-ad32-98f038001003": "svcctl", "86d35949-83c9-4044-b424-db363231fd0c": "ITaskSchedulerService",
    "1ff70682-0a51-30e8-076d-740be8cee98b": "atsvc", "e3514235-4b06-11d1-ab04-00c04fc2dcd2": "drsuapi",
    "12345678-1234-abcd-ef00-0123456789ab": "spoolss", "c681d488-d850-11d0-8c52-00c04fd90f7e": "efsrpc",
    "df1941c5-fe89-4e79-bf10-463657acf44d": "efsrpc", "4fc742e0-4a10-11cf-8273-00aa004ae673": "netdfs",
    "a8e0653c-2744-4389-a61d-7373df8b2292": "FileServerVssAgent", "338cd001-2244-31f1-aaaa-900038001003": "winreg",
    "12345778-1234-abcd-ef00-0123456789ac": "samr", "12345778-1234-abcd-ef00-0123456789ab": "lsarpc",
    "12345678-1234-abcd-ef00-01234567cffb": "netlogon", "4b324fc8-1670-01d3-1278-5a47bf6ee188": "srvsvc",
    "6bffd098-a112-3610-9833-46c3f87e345a": "wkssvc", "9556dc99-828c-11cf-a37e-00aa003240c7": "IWbemServices",
    "00020400-0000-0000-c000-000000000046": "IDispatch", "82273fdc-e32a-18c3-3f78-827929dc23ea": "eventlog",
    "e1af8308-5d1f-11c9-91a4-08002b14a0fa": "epmapper", "76f03f96-cdfd-44fc-a22c-64950a001209": "iremotewinspool",
}  # fmt: skip
_OPERATIONS = {
    "svcctl": {1: "ControlService", 2: "DeleteService", 11: "ChangeServiceConfigW", 12: "CreateServiceW",
               15: "OpenSCManagerW",
               19: "StartServiceW", 23: "ChangeServiceConfigA", 24: "CreateServiceA", 27: "OpenSCManagerA",
               31: "StartServiceA", 44: "CreateServiceWOW64A", 45: "CreateServiceWOW64W"},
    "ITaskSchedulerService": {1: "SchRpcRegisterTask", 12: "SchRpcRun", 13: "SchRpcDelete"},
    "atsvc": {0: "NetrJobAdd"},
    "drsuapi": {0: "DRSBind", 3: "DRSGetNCChanges", 5: "DRSReplicaAdd", 12: "DRSCrackNames", 17: "DRSAddEntry"},
    "spoolss": {65: "RpcRemoteFindFirstPrinterChangeNotificationEx", 89: "RpcAddPrinterDriverEx"},
    "efsrpc": {0: "EfsRpcOpenFileRaw", 4: "EfsRpcEncryptFileSrv", 5: "EfsRpcDecryptFileSrv",
               6: "EfsRpcQueryUsersOnFile", 7: "EfsRpcQueryRecoveryAgents"},
    "netdfs": {12: "NetrDfsAddStdRoot", 13: "NetrDfsRemoveStdRoot"},
    "FileServerVssAgent": {8: "IsPathShadowCopied"},
    "winreg": {20: "BaseRegSaveKey", 31: "BaseRegSaveKeyEx"},
    "samr": {6: "SamrEnumerateDomainsInSamServer", 11: "SamrEnumerateGroupsInDomain",
             13: "SamrEnumerateUsersInDomain", 15: "SamrEnumerateAliasesInDomain", 17: "SamrLookupNamesInDomain",
             18: "SamrLookupIdsInDomain", 25: "SamrGetMembersInGroup", 33: "SamrGetMembersInAlias",
             37: "SamrSetInformationUser", 40: "SamrQueryDisplayInformation", 58: "SamrSetInformationUser2"},
    "lsarpc": {15: "LsarLookupSids", 43: "LsarRetrievePrivateData", 57: "LsarLookupSids2", 76: "LsarLookupSids3"},
    "netlogon": {4: "NetrServerReqChallenge", 6: "NetrServerPasswordSet", 15: "NetrServerAuthenticate2",
                 26: "NetrServerAuthenticate3", 30: "NetrServerPasswordSet2"},
    "srvsvc": {12: "NetrSessionEnum", 15: "NetrShareEnum"},
    "wkssvc": {2: "NetrWkstaUserEnum"},
    "IWbemServices": {20: "ExecQuery", 24: "ExecMethod", 25: "ExecMethodAsync"},
    "IDispatch": {6: "Invoke"},
    "eventlog": {0: "ElfrClearELFW", 12: "ElfrClearELFA"},
    "iremotewinspool": {39: "RpcAsyncAddPrinterDriver"},
    "epmapper": {2: "ept_lookup", 3: "ept_map"},
}  # fmt: skip


def rpc_call(call: dict[str, Any]) -> tuple[str | None, str | None]:
    """(endpoint, operation) of a call as Suricata tells it (`dcerpc`), as far as known; None for what is not.

    Of the interfaces of a connection those count that the server took.
    """
    inner, number = call.get("req"), call.get("opnum")
    if number is None and isinstance(inner, dict):
        number = inner.get("opnum")
    told = call.get("interfaces")
    listed = told if isinstance(told, list) else []
    interfaces = [i for i in listed if isinstance(i, dict) and i.get("ack_result") in (0, None)]
    names = [_INTERFACES.get(str(i.get("uuid")).lower()) or _text(i.get("service")) for i in interfaces]
    for interface, name in zip(interfaces, names, strict=True):
        operation = _OPERATIONS.get(name or "", {}).get(number) if isinstance(number, int) else None
        operation = operation or _text(interface.get("procedure"))
        if operation:
            return name, operation
    return next((name for name in names if name), None), None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
