"""What exports of Windows events call the parts of an event, in columns of tables and in front of lines."""

from collections.abc import Mapping
from typing import Any

from pipeline.ingest.tables import folded

NAMES: Mapping[str, tuple[str, ...]] = {
    "EventID": ("eventid", "eventcode", "id", "instanceid", "ereignisid", "iddelevenement", "iddelevento", "idevento",
                "identificacaodoevento", "iddoevento", "gebeurtenisid"),
    "TimeCreated": ("timecreated", "dateandtime", "timegenerated", "systemtime", "timewritten", "time", "timestamp",
                    "datumunduhrzeit", "dateetheure", "fechayhora", "dataeora", "dataehora", "datumentijd"),
    "SourceName": ("providername", "provider", "sourcename", "eventsourcename", "source", "quelle", "origen", "origine",
                   "fonte", "bron"),
    "Channel": ("logname", "channel", "log", "eventlog", "protokollname", "nomdujournal", "nombrederegistro",
                "nomeregistro", "nomedolog", "logboeknaam"),
    "Computer": ("machinename", "computer", "computername", "hostname", "host", "ordinateur", "equipo", "computador"),
    "Message": ("message", "description", "beschreibung", "descripcion", "descrizione", "descricao", "beschrijving"),
    "Keywords": ("keywords", "keywordsdisplaynames", "keyword", "entrytype", "schlusselworter", "motscles",
                 "palabrasclave", "parolechiave", "palavraschave", "trefwoorden"),
    "Level": ("leveldisplayname", "level", "ebene", "niveau", "nivel", "livello"),
    "Payload": ("payload",),
}  # fmt: skip
"""Names in the JSON of Windows (`WindowsRecord`) → plain names (`tables.plain_name`) of exports, the surest first: in
English, then as the Event Viewer writes them in German, French, Spanish, Italian, Portuguese and Dutch."""
DATES = ("date", "datum", "fecha", "data")
"""What the Event Viewer calls the time of an event in text, and other tables any day."""
CATEGORIES = frozenset(("taskcategory", "aufgabenkategorie", "categoriedelatache", "categoriadelatarea",
                        "categoriaattivita", "categoriadatarefa", "taakcategorie"))  # fmt: skip
"""The last column that the Event Viewer names: that of the texts behind it has no name."""
_CHANNELS = {
    "microsoft-windows-security-auditing": "Security",
    "microsoft-windows-eventlog": "Security",
    "microsoft-windows-sysmon": "Microsoft-Windows-Sysmon/Operational",
    "microsoft-windows-powershell": "Microsoft-Windows-PowerShell/Operational",
    "service control manager": "System",
}
"""Of providers that write to one log, which some exports do not name."""
_LEVELS = {"critical": "1", "error": "2", "warning": "3", "information": "4", "informational": "4", "verbose": "5",
           "kritisch": "1", "fehler": "2", "warnung": "3", "informationen": "4", "ausfuhrlich": "5", "critique": "1",
           "erreur": "2", "avertissement": "3", "critico": "1", "advertencia": "3", "informacion": "4", "errore": "2",
           "avviso": "3", "informazioni": "4", "erro": "2", "aviso": "3", "informacoes": "4", "fout": "2",
           "waarschuwing": "3", "informatie": "4"}  # fmt: skip
_IDS = 0xFFFF


def complete(event: dict[str, Any]) -> None:
    """Puts in the log of an event that names its provider alone, the number of its level, and the bare event id
    where severity and facility stand in front of it, as in Get-EventLog's `InstanceId`."""
    if not event.get("Channel"):
        event["Channel"] = _CHANNELS.get(str(event.get("SourceName", "")).lower())
    level = event.get("Level")
    if level:
        event["Level"] = _LEVELS.get(folded(level.strip()), level)
    code = event.get("EventID", "")
    if code.isdecimal() and int(code[:10]) > _IDS:
        event["EventID"] = str(int(code[:10]) & _IDS)
