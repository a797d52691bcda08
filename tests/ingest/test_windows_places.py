"""Windows events as text of machines that do not speak English: what stands where is known, whatever it is called."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ingested import DATA, events
from test_windows_texts import TIME

from pipeline.ingest.streams import open_stream
from pipeline.ingest.windows.messages import data_of
from pipeline.ingest.windows.places import data_by_place

VALUES = ("S-1-5-18", "PC-7$", "HOSP", "0x3E7", "3", "S-1-0-0", "anna", "HOSP", "%%2313", "0xC000006D", "0xC0000064",
          "0x0", "-", "LAPTOP", "203.0.113.7", "4711", "NtLmSsp", "NTLM", "-", "-", "0")  # fmt: skip
GERMAN = """\
Fehler beim Anmelden eines Kontos.

Antragsteller:
>Sicherheits-ID:
>Kontoname:
>Kontodomäne:
>Anmelde-ID:

Anmeldetyp:@

Konto, für das die Anmeldung fehlgeschlagen ist:
>Sicherheits-ID:
>Kontoname:
>Kontodomäne:

Fehlerinformationen:
>Fehlerursache:
>Status:
>Unterstatus::

Prozessinformationen:
>Aufrufprozess-ID:
>Aufrufprozessname:

Netzwerkinformationen:
>Arbeitsstationsname:
>Quellnetzwerkadresse:
>Quellport:

Detaillierte Authentifizierungsinformationen:
>Anmeldeprozess:
>Authentifizierungspaket:
>Übertragene Dienste:
>Paketname (nur NTLM):
>Schlüssellänge:

Dieses Ereignis wird beim Versuch generiert: die Anmeldung schlug fehl.
"""
FRENCH = """\
Échec d’ouverture de session d’un compte.

Objet :
>ID de sécurité :
>Nom du compte :
>Domaine du compte :
>ID d’ouverture de session :

Type d’ouverture de session :@

Compte pour lequel l’ouverture de session a échoué :
>ID de sécurité :
>Nom du compte :
>Domaine du compte :

Informations sur l’échec :
>Raison de l’échec :
>État :
>Sous-état :

Informations sur le processus :
>ID du processus :
>Nom du processus :

Informations sur le réseau :
>Nom de la station de travail :
>Adresse du réseau source :
>Port source :

Informations détaillées :
>Processus :
>Package :
>Services en transit :
>Nom du package (NTLM uniquement) :
>Longueur de la clé :
"""


def filled(text: str) -> str:
    """With the values in their places, between tabs as Windows sets them."""
    values = iter(VALUES)
    return re.sub(r"^(>?)(.*:)(?:(?<=:)@|(?<=:)$)", lambda m: _line(m, values), text, flags=re.MULTILINE)


def _line(match: re.Match[str], values: Iterator[str]) -> str:
    labelled = match[1] or match[0].endswith("@")
    return f"{match[1].replace('>', chr(9))}{match[2]}" + (f"\t\t{next(values)}" if labelled else "")


GERMAN, FRENCH = filled(GERMAN), filled(FRENCH)
HEADERS = {
    "German": "Schlüsselwörter,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie",
    "French": "Mots clés,Date et heure,Source,ID de l’événement,Catégorie de la tâche",
    "Spanish": "Nivel,Fecha y hora,Origen,Id. del evento,Categoría de la tarea",
    "Italian": "Livello,Data e ora,Origine,ID evento,Categoria attività",
    "Portuguese": "Nível,Data e Hora,Fonte,Identificação do Evento,Categoria da Tarefa",
    "Dutch": "Niveau,Datum en tijd,Bron,Gebeurtenis-id,Taakcategorie",
}
LABELS = {
    "German": ("Protokollname", "Quelle", "Datum", "Ereignis-ID", "Aufgabenkategorie", "Ebene", "Computer",
               "Beschreibung"),
    "French": ("Nom du journal ", "Source ", "Date ", "ID de l’événement ", "Catégorie de la tâche ", "Niveau ",
               "Ordinateur ", "Description "),
    "Spanish": ("Nombre de registro", "Origen", "Fecha", "Id. del evento", "Categoría de la tarea", "Nivel", "Equipo",
                "Descripción"),
    "Italian": ("Nome registro", "Origine", "Data", "ID evento", "Categoria attività", "Livello", "Computer",
                "Descrizione"),
    "Portuguese": ("Nome do Log", "Fonte", "Data", "Identificação do Evento", "Categoria da Tarefa", "Nível",
                   "Computador", "Descrição"),
}  # fmt: skip
FAILED = {"ts": TIME, "kind": "auth", "outcome": "failure", "user": "anna", "src_ip": "203.0.113.7"}


def told(event: dict[str, Any]) -> dict[str, Any]:
    return {name: event.get(name) for name in FAILED}


@pytest.mark.parametrize("message", [GERMAN, FRENCH], ids=["German text", "French text"])
@pytest.mark.parametrize("tongue", list(HEADERS))
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_tables_of_the_event_viewer(tmp_path: Path, tongue: str, message: str, encoding: str) -> None:
    row = f'x,20/11/2026 10:00:00,Microsoft-Windows-Security-Auditing,4625,Logon,"{message}"\n'
    (found,) = events(tmp_path, "e.csv", f"{HEADERS[tongue]}\n{row}".encode(encoding))
    assert told(found) == FAILED


@pytest.mark.parametrize("tongue", list(LABELS))
def test_texts_of_the_event_viewer(tmp_path: Path, tongue: str) -> None:
    values = (
        "Security",
        "Microsoft-Windows-Security-Auditing",
        "20.11.2026 10:00:00",
        "4625",
        "Logon",
        "Fehler",
        "pc-7",
    )
    block = "".join(f"{label + ':':26}{value}\n" for label, value in zip(LABELS[tongue], values, strict=False))
    text = f"{block}{LABELS[tongue][-1]}:\n{GERMAN}\n"
    found = events(tmp_path, "e.txt", text * 2)
    assert [{**told(one), "host": one.get("host")} for one in found] == [{**FAILED, "host": "pc-7"}] * 2


def test_values_that_do_not_fit_are_not_taken() -> None:
    assert data_by_place("4625", GERMAN.replace("203.0.113.7", "drei")) == {}
    assert data_by_place("4625", GERMAN.replace("\tKontoname:\t\tanna\n", "")) == {}
    assert data_by_place("4999", GERMAN) == {}


@pytest.mark.skipif(not DATA.is_dir(), reason="public data sets are not there")
def test_places_are_those_of_recorded_events() -> None:
    """English texts under labels that nobody knows give what the labels give."""
    names = ("TargetUserName", "IpAddress", "LogonType", "NewProcessName", "CommandLine", "ShareName", "ServiceName")
    seen: dict[str, int] = {}
    for path in sorted((DATA / "logs" / "windows_attack").glob("*.json*")):
        for line in open_stream(path, []):
            if b'"Message"' not in line:
                continue
            event = json.loads(line)
            code, message = str(event.get("EventID")), event.get("Message") or ""
            placed = data_by_place(
                code, message.replace(" Name:", " Xx:").replace("ID:", "Id:").replace("Account:", "X:")
            )
            if placed:
                labelled = data_of(message)
                seen[code] = seen.get(code, 0) + 1
                for name in names:
                    assert name not in labelled or placed.get(name, "") == labelled[name].strip()
    assert {"4624", "4634", "4672", "4688", "5140"} <= seen.keys()
