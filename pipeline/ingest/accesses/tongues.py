"""What columns of access reports, visits and patients, and what was done, are called in other languages than English.

German, French, Spanish, Dutch, Swedish, Danish, Norwegian, Italian, Portuguese and Finnish, as `tables.plain_name`
leaves them: without case, blanks, signs and accents.
"""

PATIENT = (
    "patientennummer patientenid patnr patientennr patientenkennung ipp nip numeropatient numpatient idpatient "
    "paciente idpaciente nhc historiaclinica numerohistoria numhistoria nhistoria patientnummer bsn personnummer "
    "cpr cprnr cprnummer fodselsnummer fnr pasient pasientid pasientnummer paziente idpaziente codicepaziente "
    "codicefiscale numeroutente processoclinico nutente henkilotunnus hetu potilas potilasid potilasnumero utente"
)
BORN = (
    "geburtsdatum gebdat gebdatum datenaissance datedenaissance ddn fechanacimiento fechadenacimiento geboortedatum "
    "fodelsedatum fodselsdato datanascita datadinascita datanascimento datadenascimento syntymaaika"
)
SEX = "geschlecht sexe sexo geslacht kon kjonn sesso sukupuoli"
FAMILY = (
    "nachname familienname nom nomdefamille apellido apellidos achternaam efternamn efternavn etternavn cognome "
    "apelido sukunimi"
)
STREET = "strasse anschrift adresse direccion adres adress indirizzo morada osoite"
POSTAL = "plz postleitzahl codepostal codigopostal postnummer postnr cap postinumero"

ACCESS = {
    "ts": (
        "zeitpunkt zeitstempel datumzeit zugriffszeitpunkt zugriffszeit horodatage dateheure dateheureacces dateacces "
        "fechahora fechayhora fechaacceso marcadetiempo tijdstip datumtijd tidpunkt datumtid tidspunkt datotid "
        "dataora dataeora dataaccesso datahora datahoraacesso aikaleima ajankohta datum fecha dato data paivays "
        "paivamaara"
    ),
    "day": "datum fecha dato data paivays paivamaara",
    "clock": "uhrzeit zeit heure hora tijd tid klokkeslett klockslag ora kello kellonaika aika",
    "user": (
        "benutzerid benutzerkennung mitarbeiterid personalnummer benutzer anwender nutzer mitarbeiter benutzername "
        "idutilisateur codeutilisateur matricule utilisateur idusuario codigousuario usuario empleado gebruikerid "
        "gebruiker gebruikersnaam medewerkerid medewerker anvandarid anvandare anvandarnamn brugerid bruger "
        "brugernavn brukerid bruker brukernavn ansatt idutente operatore idutilizador utilizador kayttajatunnus "
        "kayttaja utente"
    ),
    "action": (
        "aktion vorgang tatigkeit aktivitat aktivitaet zugriffsart ereignis acte evenement typeacces accion evento "
        "operacion tipoacceso actie handeling gebeurtenis atgard handelse aktivitet handling haendelse hendelse azione "
        "operazione acao operacao acesso toiminto tapahtuma"
    ),
    "role": (
        "rolle funktion berufsgruppe dienstart fonction profil metier perfil rol categoriaprofesional categoria puesto "
        "functie roll "
        "befattning yrke yrkesroll stilling ruolo profilo qualifica funcao rooli ammatti"
    ),
    "department": (
        "abteilung fachabteilung organisationseinheit orgpf klinik bereich station service uf unitefonctionnelle unite "
        "pole servicio unidad afdeling enhet "
        "avdelning enhed avdeling reparto unita servico unidade osasto yksikko"
    ),
    "workstation": (
        "arbeitsplatz rechner endgerat poste postetravail ordinateur equipo ordenador puestotrabajo puesto werkplek "
        "werkstation arbetsstation dator arbejdsstation arbeidsstasjon postazione posto estacao tyoasema"
    ),
    "resource": "dokument modul formular maske ecran documento modulo pantalla scherm",
    "purpose": (
        "zweck grund begrundung motif motifacces raison motivo motivoacceso reden orsak anledning arsag arsak syy"
    ),
    "break_glass": (
        "notfallzugriff notzugriff brisdeglace accesurgence accesourgencia noodprocedure noodknop nodoppning "
        "vaerdispring nodrettstilgang accessoemergenza acessoemergencia hatahaku"
    ),
    "outcome": "ergebnis resultat resultado resultaat esito tulos",
    "encounter": (
        "fallnummer fallid fallnr falnr fall nda sejour numerosejour nsejour venue iep episodio encuentro opname "
        "opnamenummer vardkontakt nosologico kaynti"
    ),
}  # fmt: skip
CLAIM = {
    "claim_id": (
        "rechnungsnummer rechnungsnr abrechnungsnummer numerofacture numfacture facture numerofactura numfactura "
        "factura factuurnummer declaratienummer fakturanummer numerofattura fattura fatura numerofatura"
    ),
    "provider": (
        "leistungserbringer lanr bsnr arztnummer finess rpps prestador idprestador agb agbcode zorgverlener vardgivare "
        "behandler erogatore"
    ),
    "from_ts": (
        "leistungsdatum behandlungsdatum datesoins datedesoins dateacte dateexecution fechaservicio fechaprestacion "
        "behandeldatum prestatiedatum dataprestazione dataservico besoksdatum"
    ),
    "total_amount": (
        "betrag rechnungsbetrag montant montanttotal importe importetotal bedrag belopp importo valor valortotal"
    ),
    "payer": "kostentrager krankenkasse caisse mutuelle asegurador aseguradora verzekeraar",
    "quantity": "anzahl menge quantite cantidad aantal antal quantita quantidade",
}  # fmt: skip
VISIT = {
    "start_ts": (
        "aufnahmedatum aufnahmezeit aufnahme dateentree dateadmission fechaingreso fechaadmision opnamedatum "
        "inskrivningsdatum inskrivning indlaeggelsesdato innleggelsesdato datericovero dataricovero dataammissione "
        "dataadmissao datainternamento"
    ),
    "end_ts": (
        "entlassdatum entlassungsdatum entlassung datesortie fechaalta ontslagdatum utskrivningsdatum utskrivning "
        "udskrivningsdato utskrivningsdato datadimissione dataalta"
    ),
    "practitioner": "arzt behandler behandelnderarzt medecin medico arts behandelaar lakare laege lege laakari",
    "department": ACCESS["department"],
    "encounter": ACCESS["encounter"],
}  # fmt: skip
PERSON = {
    "deceased_ts": (
        "sterbedatum todesdatum datedeces fechadefuncion fechafallecimiento overlijdensdatum dodsdatum doedsdato "
        "dodsdato datadecesso dataobito kuolinpaiva"
    ),
}
STAFF = {
    "practitioner": ACCESS["user"],
    "role": ACCESS["role"],
    "department": ACCESS["department"],
    "start_ts": "eintritt eintrittsdatum dateembauche fechaalta indiensttreding anstallningsdatum dataassunzione",
    "end_ts": "austritt austrittsdatum datedepart fechabaja uitdiensttreding slutdatum",
}
ACTIONS = {
    "print": "gedruckt drucken druck ausdruck imprime impression imprimer impresion imprimir afdrukken afgedrukt "
             "utskrift udskrift stampa stampato impressao tulostus",
    "export": "exportiert exportieren exporte telechargement exportacion descarga exporteren geexporteerd exporterad "
              "eksport esportazione exportacao vienti",
    "query": "suche gesucht suchen abfrage recherche busqueda buscar zoeken gezocht sokning sogning sok ricerca "
             "pesquisa haku",
    "delete": "geloscht loschen suppression supprime borrado borrar eliminacion eliminado verwijderd verwijderen "
              "borttagning raderad slettet sletning cancellazione eliminazione eliminacao poisto",
    "create": "angelegt anlegen erstellt erstellen creation cree creacion creado alta aangemaakt aanmaken skapad "
              "oprettet opprettet creazione creato criacao criado luonti",
    "login": "anmeldung angemeldet connexion inicio aanmelden ingelogd inloggning",
    "logout": "abmeldung abgemeldet deconnexion afmelden utloggning",
    "update": "geandert andern bearbeitet bearbeiten gespeichert modification modifie modificacion modificado edicion "
              "gewijzigd wijzigen bewerken andring andrad andret endring endret modifica modificato alteracao "
              "alterado muokkaus",
    "read": "gelesen lesen ansicht angesehen anzeige anzeigen angezeigt geoffnet offnen einsicht einsichtnahme "
            "aufgerufen aufruf consultation consulte lecture lu ouverture ouvert visualisation affichage acces "
            "lectura consulta visualizacion acceso apertura inzien ingezien inzage gelezen raadplegen geraadpleegd "
            "bekeken openen geopend lasning last visning visad oppnad oppning laesning laest vist abnet opslag lest "
            "lesing apnet oppslag visualizza visualizzazione lettura consultazione leitura visualizacao katselu",
}  # fmt: skip
YES = frozenset(("ja", "j", "oui", "o", "si", "sim", "wahr", "vrai", "verdadero", "kylla"))
NO = frozenset(("nein", "non", "nee", "nej", "nei", "nao", "ei"))
DENIED = frozenset((
    "verweigert", "abgelehnt", "fehlgeschlagen", "refuse", "echec", "denegado", "rechazado", "fallido", "geweigerd",
    "mislukt", "nekad", "avvisad", "afvist", "avvist", "negato", "rifiutato", "negado", "recusado", "evatty",
))  # fmt: skip
