"""What the makers of sensors on hosts call things: the names of their fields, act by act.

Names are those of the makers' own references: Defender's advanced hunting tables, Falcon Data Replicator, SentinelOne's
Cloud Funnel, Carbon Black Cloud's data forwarder, Cortex XDR's event forwarding, the Elastic Common Schema, and
MITRE's CAR as OpTC recorded it (eCAR).
"""

from collections.abc import Mapping
from dataclasses import dataclass

START, STOP, DRIVER, LOAD, INJECT, ACCESS, FILE, KEY, VALUE = "1", "5", "6", "7", "8", "10", "11", "12", "13"
PIPE, BOUND, QUERY, GONE = "17", "21", "22", "23"
"""Sysmon's numbers."""
LOGON, REFUSED, LOGOFF, CREATED, MEMBER, TASK = "4624", "4625", "4634", "4720", "4732", "4698"
CLEARED, SERVICE, SCRIPT = "1102", "7045", "4104"
"""Numbers of Windows' own logs."""
ACTED = "*"
"""Fields of the program that acts, whatever it does."""
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """How one maker tells: which fields, joined, name the act; what it means; where its values stand.

    `fields`: number of the act, or `ACTED` for all but a start, to Windows' name of the value, to the maker's.
    """

    id: str
    mark: Names
    """One of these fields is in every record of this maker; the first product that knows the act, too, has it."""
    act: Names
    acts: Mapping[str, str]
    """By the joined words in lower case, without signs; what ends like a key that begins with `*` counts, too."""
    host: Names
    fields: Mapping[str, Mapping[str, Names]]


DEFENDER = Product(
    "defender",
    ("InitiatingProcessFileName", "InitiatingProcessFolderPath", "InitiatingProcessAccountName", "DeviceName"),
    ("ActionType",),
    {
        "processcreated": START, "imageloaded": LOAD, "driverload": DRIVER, "createremotethreadapicall": INJECT,
        "openprocessapicall": ACCESS, "readprocessmemoryapicall": ACCESS, "filecreated": FILE, "filemodified": FILE,
        "filerenamed": FILE, "filedeleted": GONE, "registrykeycreated": KEY, "registrykeydeleted": KEY,
        "registryvaluedeleted": KEY, "registryvalueset": VALUE, "namedpipeevent": PIPE,
        "wmibindeventfiltertoconsumer": BOUND, "dnsqueryresponse": QUERY, "logonsuccess": LOGON,
        "logonfailed": REFUSED, "useraccountcreated": CREATED, "useraccountaddedtolocalgroup": MEMBER,
        "scheduledtaskcreated": TASK, "serviceinstalled": SERVICE, "securitylogcleared": CLEARED,
        "powershellcommand": SCRIPT,
    },
    ("DeviceName",),
    {
        START: {
            "Image": ("FolderPath", "FileName"), "CommandLine": ("ProcessCommandLine",), "ProcessId": ("ProcessId",),
            "User": ("AccountName",), "OriginalFileName": ("ProcessVersionInfoOriginalFileName",),
            "ParentImage": ("InitiatingProcessFolderPath", "InitiatingProcessFileName"),
            "ParentCommandLine": ("InitiatingProcessCommandLine",), "IntegrityLevel": ("ProcessIntegrityLevel",),
        },
        ACTED: {
            "Image": ("InitiatingProcessFolderPath", "InitiatingProcessFileName"),
            "User": ("InitiatingProcessAccountName", "AccountName"), "ProcessId": ("InitiatingProcessId",),
            "CommandLine": ("InitiatingProcessCommandLine",),
        },
        LOAD: {"ImageLoaded": ("FolderPath", "FileName")}, DRIVER: {"ImageLoaded": ("FolderPath", "FileName")},
        FILE: {"TargetFilename": ("FolderPath", "FileName")}, GONE: {"TargetFilename": ("FolderPath", "FileName")},
        INJECT: {"TargetImage": ("FolderPath", "FileName")},
        ACCESS: {"TargetImage": ("FolderPath", "FileName"), "GrantedAccess": ("AdditionalFields.DesiredAccess",)},
        KEY: {"key": ("RegistryKey", "PreviousRegistryKey"), "value": ("RegistryValueName",)},
        VALUE: {"key": ("RegistryKey",), "value": ("RegistryValueName",), "Details": ("RegistryValueData",)},
        PIPE: {"PipeName": ("AdditionalFields.PipeName",)}, QUERY: {"QueryName": ("AdditionalFields.DnsQueryString",)},
        BOUND: {"Consumer": ("AdditionalFields.Consumer",), "Filter": ("AdditionalFields.ESS",)},
        LOGON: {
            "TargetUserName": ("AccountName", "AccountUpn", "AccountDisplayName"),
            "TargetDomainName": ("AccountDomain",), "IpAddress": ("RemoteIP", "IPAddress"),
            "WorkstationName": ("RemoteDeviceName",), "LogonType": ("LogonType",), "PackageName": ("Protocol",),
        },
        CREATED: {"SubjectUserName": ("InitiatingProcessAccountName",), "TargetUserName": ("AccountName",)},
        MEMBER: {
            "SubjectUserName": ("InitiatingProcessAccountName",), "MemberName": ("AccountName", "AccountSid"),
            "TargetUserName": ("AdditionalFields.GroupName",),
        },
        TASK: {"TaskName": ("AdditionalFields.TaskName",), "TaskContent": ("AdditionalFields.TaskContent",)},
        SERVICE: {"ServiceName": ("AdditionalFields.ServiceName",), "ImagePath": ("FolderPath", "FileName")},
        SCRIPT: {"ScriptBlockText": ("AdditionalFields.Command", "ProcessCommandLine")},
    },
)  # fmt: skip

FALCON = Product(
    "crowdstrike",
    ("event_simpleName",),
    ("event_simpleName",),
    {
        "processrollup2": START, "syntheticprocessrollup2": START, "endofprocess": STOP, "driverload": DRIVER,
        "imageload": LOAD, "classifiedmoduleload": LOAD, "*injectedthread": INJECT, "dllinjection": INJECT,
        "asepkeyupdate": KEY, "asepvalueupdate": VALUE, "reggenericvalueupdate": VALUE,
        "regsystemconfigvalueupdate": VALUE, "*filewritten": FILE, "newscriptwritten": FILE,
        "newexecutablewritten": FILE, "newexecutablerenamed": FILE, "filerenameinfo": FILE, "filedeleteinfo": GONE,
        "executabledeleted": GONE, "dnsrequest": QUERY, "suspiciousdnsrequest": QUERY, "userlogon": LOGON,
        "userlogonfailed": REFUSED, "userlogonfailed2": REFUSED, "userlogoff": LOGOFF, "useraccountcreated": CREATED,
        "useraccountaddedtogroup": MEMBER, "scheduledtaskregistered": TASK, "createservice": SERVICE,
        "serviceinstalled": SERVICE, "eventlogcleared": CLEARED, "scriptcontroldetectinfo": SCRIPT,
        "scriptcontrolscantelemetry": SCRIPT, "scriptcontrolscaninfo": SCRIPT,
    },
    ("ComputerName", "aid"),
    {
        START: {
            "Image": ("ImageFileName",), "CommandLine": ("CommandLine",), "User": ("UserName",),
            "ProcessId": ("RawProcessId",), "OriginalFileName": ("OriginalFilename",),
            "ParentImage": ("ParentImageFileName", "ParentBaseFileName"), "ParentCommandLine": ("ParentCommandLine",),
        },
        ACTED: {
            "Image": ("ContextImageFileName", "ContextBaseFileName"), "User": ("UserName",),
            "ProcessId": ("ContextRawProcessId",),
        },
        LOAD: {"ImageLoaded": ("ImageFileName", "TargetFileName")}, DRIVER: {"ImageLoaded": ("ImageFileName",)},
        FILE: {"TargetFilename": ("TargetFileName",)}, GONE: {"TargetFilename": ("TargetFileName",)},
        INJECT: {"TargetImage": ("TargetImageFileName",)},
        KEY: {"key": ("RegObjectName",), "value": ("RegValueName",)},
        VALUE: {
            "key": ("RegObjectName",), "value": ("RegValueName",),
            "Details": ("RegStringValue", "RegNumericValue", "RegBinaryValue"),
        },
        QUERY: {"QueryName": ("DomainName",)},
        LOGON: {
            "TargetUserName": ("UserName",), "TargetDomainName": ("LogonDomain",), "LogonType": ("LogonType",),
            "IpAddress": ("RemoteAddressIP4", "RemoteAddressIP6", "RemoteIP"),
            "WorkstationName": ("ClientComputerName",),
        },
        CREATED: {"TargetUserName": ("UserName",)},
        MEMBER: {"MemberName": ("UserName", "UserSid", "UserRid"), "TargetUserName": ("GroupName", "GroupRid")},
        TASK: {"TaskName": ("TaskName",), "TaskContent": ("TaskXml", "TaskExecCommand")},
        SERVICE: {"ServiceName": ("ServiceDisplayName",), "ImagePath": ("ServiceImagePath", "ImageFileName")},
        SCRIPT: {"ScriptBlockText": ("ScriptContent",)},
    },
)  # fmt: skip

SENTINEL_ONE = Product(
    "sentinelone",
    ("endpoint.name", "src.process.uid"),
    ("event.type", "event.login.loginIsSuccessful"),
    {
        "processcreation": START, "processtermination": STOP, "moduleload": LOAD, "driverload": DRIVER,
        "remotethreadcreation": INJECT, "openremoteprocesshandle": ACCESS, "filecreation": FILE,
        "filemodification": FILE, "filerename": FILE, "filedeletion": GONE, "registrykeycreate": KEY,
        "registrykeydelete": KEY, "registryvaluedelete": KEY, "registryvaluecreate": VALUE,
        "registryvaluemodified": VALUE, "namedpipecreation": PIPE, "dnsresolved": QUERY, "dnsunresolved": QUERY,
        "logintrue": LOGON, "loginfalse": REFUSED, "logout": LOGOFF, "taskregister": TASK, "taskupdate": TASK,
        "commandscript": SCRIPT,
    },
    ("endpoint.name",),
    {
        START: {
            "Image": ("tgt.process.image.path", "tgt.process.name"), "CommandLine": ("tgt.process.cmdline",),
            "User": ("tgt.process.user",), "ProcessId": ("tgt.process.pid",),
            "ParentImage": ("src.process.image.path", "src.process.name"),
            "ParentCommandLine": ("src.process.cmdline",), "IntegrityLevel": ("tgt.process.integrityLevel",),
        },
        ACTED: {
            "Image": ("src.process.image.path", "src.process.name"), "User": ("src.process.user",),
            "ProcessId": ("src.process.pid",), "CommandLine": ("src.process.cmdline",),
        },
        LOAD: {"ImageLoaded": ("module.path",)}, DRIVER: {"ImageLoaded": ("driver.path", "tgt.file.path")},
        FILE: {"TargetFilename": ("tgt.file.path",)}, GONE: {"TargetFilename": ("tgt.file.path",)},
        INJECT: {"TargetImage": ("tgt.process.image.path", "tgt.process.name")},
        ACCESS: {"TargetImage": ("tgt.process.image.path", "tgt.process.name")},
        KEY: {"key": ("registry.keyPath",)}, VALUE: {"key": ("registry.keyPath",), "Details": ("registry.value",)},
        PIPE: {"PipeName": ("namedPipe.name",)}, QUERY: {"QueryName": ("event.dns.request",)},
        LOGON: {
            "TargetUserName": ("event.login.userName",), "TargetDomainName": ("event.login.accountDomain",),
            "LogonType": ("event.login.type",), "IpAddress": ("src.endpoint.ip.address", "src.ip.address"),
        },
        TASK: {"TaskName": ("task.name", "task.path")}, SCRIPT: {"ScriptBlockText": ("cmdScript.content",)},
    },
)  # fmt: skip

CARBON_BLACK = Product(
    "carbonblack",
    ("device_name",),
    ("type", "action"),
    {
        "endpointeventprocstartactioncreateprocess": START, "endpointeventprocendactionprocessterminate": STOP,
        "endpointeventmoduleloadactionloadmodule": LOAD, "endpointeventcrossprocactionopenprocesshandle": ACCESS,
        "endpointeventcrossprocactioncreateremotethread": INJECT, "endpointeventregmodactioncreatekey": KEY,
        "endpointeventregmodactiondeletekey": KEY, "endpointeventregmodactiondeletevalue": KEY,
        "endpointeventregmodactionwritevalue": VALUE, "endpointeventfilemodactionfilecreate": FILE,
        "endpointeventfilemodactionfilelastwrite": FILE, "endpointeventfilemodactionfilewrite": FILE,
        "endpointeventfilemodactionfilerename": FILE, "endpointeventfilemodactionfiledelete": GONE,
        "endpointeventscriptloadactionloadscript": SCRIPT,
        "endpointeventfilelessscriptloadactionfilelessscriptload": SCRIPT,
    },
    ("device_name",),
    {
        START: {
            "Image": ("childproc_name",), "CommandLine": ("target_cmdline", "childproc_cmdline"),
            "User": ("childproc_username", "process_username"), "ProcessId": ("childproc_pid",),
            "ParentImage": ("process_path",), "ParentCommandLine": ("process_cmdline",),
        },
        ACTED: {
            "Image": ("process_path",), "User": ("process_username",), "ProcessId": ("process_pid",),
            "CommandLine": ("process_cmdline",),
        },
        LOAD: {"ImageLoaded": ("modload_name",)}, FILE: {"TargetFilename": ("filemod_name",)},
        GONE: {"TargetFilename": ("filemod_name",)}, INJECT: {"TargetImage": ("crossproc_name",)},
        ACCESS: {"TargetImage": ("crossproc_name",)}, KEY: {"key": ("regmod_name",)},
        VALUE: {"key": ("regmod_name",), "Details": ("regmod_value",)},
        SCRIPT: {"ScriptBlockText": ("fileless_scriptload_cmdline", "scriptload_content")},
    },
)  # fmt: skip

CORTEX = Product(
    "cortex",
    ("agent_hostname",),
    ("event_type",),
    {"processstart": START, "process": START, "1": START},
    ("agent_hostname",),
    {
        START: {
            "Image": ("action_process_image_path", "action_process_image_name"), "User": ("action_process_username",),
            "CommandLine": ("action_process_image_command_line",), "ProcessId": ("action_process_os_pid",),
            "ParentImage": ("actor_process_image_path", "os_actor_process_image_path"),
            "ParentCommandLine": ("actor_process_command_line", "os_actor_process_command_line"),
        },
    },
)  # fmt: skip

ECAR = Product(
    "ecar",
    ("actorID",),
    ("object", "action"),
    {
        "processcreate": START, "processterminate": STOP, "moduleload": LOAD, "filecreate": FILE,
        "filemodify": FILE, "filewrite": FILE, "filerename": FILE,
        "filedelete": GONE, "registryadd": VALUE, "registryedit": VALUE, "registryremove": KEY, "taskcreate": TASK,
        "servicecreate": SERVICE, "shellcommand": SCRIPT, "usersessionlogin": LOGON, "usersessionremote": LOGON,
    },
    ("hostname",),
    {
        START: {
            "Image": ("properties.image_path",), "CommandLine": ("properties.command_line",), "User": ("principal",),
            "ProcessId": ("pid",), "ParentImage": ("properties.parent_image_path",),
        },
        ACTED: {"Image": ("properties.image_path",), "User": ("principal",), "ProcessId": ("pid",)},
        LOAD: {"ImageLoaded": ("properties.module_path",)},
        FILE: {"TargetFilename": ("properties.new_path", "properties.file_path")},
        GONE: {"TargetFilename": ("properties.file_path",)},
        KEY: {"key": ("properties.key",), "value": ("properties.value",)},
        VALUE: {"key": ("properties.key",), "value": ("properties.value",), "Details": ("properties.data",)},
        TASK: {"TaskName": ("properties.task_name",), "TaskContent": ("properties.path",)},
        SERVICE: {"ServiceName": ("properties.name",), "ImagePath": ("properties.path",)},
        SCRIPT: {"ScriptBlockText": ("properties.payload",)},
        LOGON: {"TargetUserName": ("properties.user", "principal"), "IpAddress": ("properties.src_ip",)},
    },
)  # fmt: skip

ELASTIC = Product(
    "elastic",
    ("process.entity_id", "process.executable"),
    ("event.category", "event.action"),
    {
        "libraryload": LOAD, "driverload": DRIVER, "filecreation": FILE, "fileoverwrite": FILE, "filerename": FILE,
        "filedeletion": GONE, "registrycreation": VALUE, "registrymodification": VALUE, "registrydeletion": KEY,
    },
    ("host.name", "host.hostname"),
    {
        ACTED: {
            "Image": ("process.executable", "process.name"), "User": ("user.name",), "ProcessId": ("process.pid",),
        },
        LOAD: {"ImageLoaded": ("dll.path", "file.path")}, DRIVER: {"ImageLoaded": ("dll.path", "file.path")},
        FILE: {"TargetFilename": ("file.path",)}, GONE: {"TargetFilename": ("file.path",)},
        KEY: {"key": ("registry.path",)}, VALUE: {"key": ("registry.path",), "Details": ("registry.data.strings",)},
    },
)  # fmt: skip

PRODUCTS = (DEFENDER, FALCON, SENTINEL_ONE, CARBON_BLACK, CORTEX, ECAR, ELASTIC)
NAMES = frozenset(
    name
    for product in PRODUCTS
    for group in (product.mark, product.act, product.host, *(n for of in product.fields.values() for n in of.values()))
    for name in group
)
"""All names of fields that are known here."""
