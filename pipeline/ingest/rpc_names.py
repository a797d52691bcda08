"""Names of remote procedure calls where a sensor gives identifiers and numbers only: Zeek's words for both.

Interfaces and operation numbers are those of Microsoft's Open Specifications (MS-SCMR, MS-TSCH, MS-DRSR, MS-RPRN,
MS-PAR, MS-EFSR, MS-DFSNM, MS-FSRVP, MS-RRP, MS-SAMR, MS-LSAD, MS-LSAT, MS-NRPC, MS-SRVS, MS-WKST, MS-WMI, MS-OAUT,
MS-EVEN, MS-DCOM, MS-DSSP).
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
    "99fcfec4-5260-101b-bbcb-00aa0021347a": "IObjectExporter", "4d9f4ab8-7d1c-11cf-861e-0020af6e7c57": "IActivation",
    "000001a0-0000-0000-c000-000000000046": "IRemoteSCMActivator",
    "00000131-0000-0000-c000-000000000046": "IRemUnknown",
    "00000143-0000-0000-c000-000000000046": "IRemUnknown2", "f309ad18-d86a-11d0-a075-00c04fb68820": "IWbemLevel1Login",
    "3919286a-b10c-11d0-9ba8-00c04fd92ef5": "dssetup", "afa8bd80-7d8a-11c9-bef4-08002b102989": "mgmt",
}  # fmt: skip
_OPERATIONS = {
    "svcctl": {0: "CloseServiceHandle", 1: "ControlService", 2: "DeleteService", 3: "LockServiceDatabase",
               4: "QueryServiceObjectSecurity", 5: "SetServiceObjectSecurity", 6: "QueryServiceStatus",
               7: "SetServiceStatus", 8: "UnlockServiceDatabase", 9: "NotifyBootConfigStatus",
               11: "ChangeServiceConfigW", 12: "CreateServiceW", 13: "EnumDependentServicesW",
               14: "EnumServicesStatusW", 15: "OpenSCManagerW", 16: "OpenServiceW", 17: "QueryServiceConfigW",
               18: "QueryServiceLockStatusW", 19: "StartServiceW", 20: "GetServiceDisplayNameW",
               21: "GetServiceKeyNameW", 23: "ChangeServiceConfigA", 24: "CreateServiceA", 27: "OpenSCManagerA",
               28: "OpenServiceA", 29: "QueryServiceConfigA", 31: "StartServiceA", 36: "ChangeServiceConfig2A",
               37: "ChangeServiceConfig2W", 39: "QueryServiceConfig2W", 40: "QueryServiceStatusEx",
               42: "EnumServicesStatusExW", 44: "CreateServiceWOW64A", 45: "CreateServiceWOW64W"},
    "ITaskSchedulerService": {0: "SchRpcHighestVersion", 1: "SchRpcRegisterTask", 2: "SchRpcRetrieveTask",
                              3: "SchRpcCreateFolder", 6: "SchRpcEnumFolder", 7: "SchRpcEnumTasks",
                              12: "SchRpcRun", 13: "SchRpcDelete"},
    "atsvc": {0: "NetrJobAdd", 1: "NetrJobDel", 2: "NetrJobEnum", 3: "NetrJobGetInfo"},
    "drsuapi": {0: "DRSBind", 1: "DRSUnbind", 2: "DRSReplicaSync", 3: "DRSGetNCChanges", 4: "DRSUpdateRefs",
                5: "DRSReplicaAdd", 12: "DRSCrackNames", 16: "DRSDomainControllerInfo", 17: "DRSAddEntry"},
    "spoolss": {65: "RpcRemoteFindFirstPrinterChangeNotificationEx", 69: "RpcSplOpenPrinter",
                89: "RpcAddPrinterDriverEx"},
    "efsrpc": {0: "EfsRpcOpenFileRaw", 4: "EfsRpcEncryptFileSrv", 5: "EfsRpcDecryptFileSrv",
               6: "EfsRpcQueryUsersOnFile", 7: "EfsRpcQueryRecoveryAgents"},
    "netdfs": {12: "NetrDfsAddStdRoot", 13: "NetrDfsRemoveStdRoot"},
    "FileServerVssAgent": {8: "IsPathSupported", 9: "IsPathShadowCopied"},
    "winreg": {0: "OpenClassesRoot", 1: "OpenCurrentUser", 2: "OpenLocalMachine", 4: "OpenUsers",
               5: "BaseRegCloseKey", 6: "BaseRegCreateKey", 7: "BaseRegDeleteKey", 8: "BaseRegDeleteValue",
               9: "BaseRegEnumKey", 10: "BaseRegEnumValue", 15: "BaseRegOpenKey", 16: "BaseRegQueryInfoKey",
               17: "BaseRegQueryValue", 20: "BaseRegSaveKey", 22: "BaseRegSetValue", 26: "BaseRegGetVersion",
               31: "BaseRegSaveKeyEx"},
    "samr": {0: "SamrConnect", 1: "SamrCloseHandle", 3: "SamrQuerySecurityObject", 5: "SamrLookupDomainInSamServer",
             6: "SamrEnumerateDomainsInSamServer", 7: "SamrOpenDomain", 8: "SamrQueryInformationDomain",
             11: "SamrEnumerateGroupsInDomain", 12: "SamrCreateUserInDomain", 13: "SamrEnumerateUsersInDomain",
             15: "SamrEnumerateAliasesInDomain", 16: "SamrGetAliasMembership", 17: "SamrLookupNamesInDomain",
             18: "SamrLookupIdsInDomain", 19: "SamrOpenGroup", 20: "SamrQueryInformationGroup",
             25: "SamrGetMembersInGroup", 27: "SamrOpenAlias", 28: "SamrQueryInformationAlias",
             33: "SamrGetMembersInAlias", 34: "SamrOpenUser", 35: "SamrDeleteUser", 36: "SamrQueryInformationUser",
             37: "SamrSetInformationUser", 39: "SamrGetGroupsForUser", 40: "SamrQueryDisplayInformation",
             46: "SamrQueryInformationDomain2", 47: "SamrQueryInformationUser2", 48: "SamrQueryDisplayInformation2",
             50: "SamrCreateUser2InDomain", 51: "SamrQueryDisplayInformation3", 55: "SamrUnicodeChangePasswordUser2",
             57: "SamrConnect2", 58: "SamrSetInformationUser2", 62: "SamrConnect4", 64: "SamrConnect5"},
    "lsarpc": {0: "LsarClose", 6: "LsarOpenPolicy", 7: "LsarQueryInformationPolicy", 11: "LsarEnumerateAccounts",
               13: "LsarEnumerateTrustedDomains", 14: "LsarLookupNames", 15: "LsarLookupSids",
               16: "LsarCreateSecret", 28: "LsarOpenSecret", 29: "LsarSetSecret", 30: "LsarQuerySecret",
               42: "LsarStorePrivateData", 43: "LsarRetrievePrivateData", 44: "LsarOpenPolicy2",
               45: "LsarGetUserName", 46: "LsarQueryInformationPolicy2", 57: "LsarLookupSids2",
               58: "LsarLookupNames2", 76: "LsarLookupSids3", 77: "LsarLookupNames4"},
    "netlogon": {2: "NetrLogonSamLogon", 4: "NetrServerReqChallenge", 5: "NetrServerAuthenticate",
                 6: "NetrServerPasswordSet", 15: "NetrServerAuthenticate2", 21: "NetrLogonGetCapabilities",
                 26: "NetrServerAuthenticate3", 29: "NetrLogonGetDomainInfo", 30: "NetrServerPasswordSet2",
                 34: "DsrGetDcNameEx2", 39: "NetrLogonSamLogonEx", 40: "DsrEnumerateDomainTrusts",
                 45: "NetrLogonSamLogonWithFlags"},
    "srvsvc": {8: "NetrConnectionEnum", 9: "NetrFileEnum", 12: "NetrSessionEnum", 15: "NetrShareEnum",
               16: "NetrShareGetInfo", 21: "NetrServerGetInfo", 28: "NetrRemoteTOD"},
    "wkssvc": {0: "NetrWkstaGetInfo", 2: "NetrWkstaUserEnum"},
    "IObjectExporter": {3: "ServerAlive", 5: "ServerAlive2", 4: "ResolveOxid2", 0: "ResolveOxid"},
    "IActivation": {0: "RemoteActivation"},
    "IRemoteSCMActivator": {3: "RemoteGetClassObject", 4: "RemoteCreateInstance"},
    "IRemUnknown": {3: "RemQueryInterface", 4: "RemAddRef", 5: "RemRelease"},
    "IRemUnknown2": {3: "RemQueryInterface", 4: "RemAddRef", 5: "RemRelease", 6: "RemQueryInterface2"},
    "IWbemLevel1Login": {3: "EstablishPosition", 4: "RequestChallenge", 5: "WBEMLogin", 6: "NTLMLogin"},
    "IWbemServices": {3: "OpenNamespace", 6: "GetObject", 18: "CreateInstanceEnum", 20: "ExecQuery",
                      24: "ExecMethod", 25: "ExecMethodAsync"},
    "IDispatch": {3: "GetTypeInfoCount", 4: "GetTypeInfo", 5: "GetIDsOfNames", 6: "Invoke"},
    "eventlog": {0: "ElfrClearELFW", 12: "ElfrClearELFA"},
    "iremotewinspool": {39: "RpcAsyncAddPrinterDriver"},
    "epmapper": {0: "ept_insert", 1: "ept_delete", 2: "ept_lookup", 3: "ept_map", 4: "ept_lookup_handle_free"},
    "dssetup": {0: "DsRolerGetPrimaryDomainInformation"},
    "mgmt": {0: "inq_if_ids", 2: "is_server_listening", 4: "inq_princ_name"},
}  # fmt: skip
_PIPES = frozenset(("svcctl", "winreg", "srvsvc", "wkssvc", "spoolss", "netdfs", "samr"))
"""Behind which one interface alone is spoken to, which has the pipe's name."""


def endpoint_of(identifier: str) -> str:
    """Zeek's name of an interface, by its UUID in lower case."""
    return _INTERFACES.get(identifier) or f"unknown-{identifier}"


def endpoint_behind(pipe: str) -> str | None:
    """The interface that a pipe of this name (`svcctl`, `\\PIPE\\svcctl`) leads to, where there is but one."""
    name = pipe.rpartition("\\")[2].lower()
    return name if name in _PIPES else None


def operation_of(endpoint: str, number: int) -> str:
    """Zeek's name of an operation of `endpoint`."""
    return _OPERATIONS.get(endpoint, {}).get(number) or f"unknown-{number}"


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
