"""What attackers write into requests: words that must all occur in the request laid bare (quotes are dropped)."""

from typing import NamedTuple


class WebRule(NamedTuple):
    """All `terms` occur in the request."""

    kind: str
    technique: str
    weight: float
    terms: tuple[str, ...]


def _each(kind: str, technique: str, weight: float, *alternatives: tuple[str, ...]) -> tuple[WebRule, ...]:
    return tuple(WebRule(kind, technique, weight, terms) for terms in alternatives)


SQL = "a database command"
SCRIPT = "a script for visitors' browsers"
PATH = "a way to files outside the site"
COMMAND = "a command for the server"
LOOKUP = "code for the server to fetch and run"
PROBE = "a search for files left behind"
LEAK = "secrets left lying on the site"
SHELL = "a back door"

WEB_RULES: tuple[WebRule, ...] = (
    *_each(
        SQL, "T1190", 0.9,
        ("union select",), ("union all select",), ("union distinct select",), ("union(select",), ("/*!",),
        ("information_schema",), ("waitfor delay",), ("benchmark(", ","), ("pg_sleep(",), ("sleep(", ")", "and"),
        ("sleep(", ")", "select"), ("sleep(", ")", " or "), ("dbms_pipe.",), ("dbms_lock.",), ("dbms_utility.",),
        ("utl_inaddr.",), ("utl_http.",), ("ctxsys.",), ("xmltype(", "select"), ("extractvalue(",), ("updatexml(",),
        ("select ", " from ", "chr("), ("select ", " from ", "char("), ("select count(*)",), ("select(0)from",),
        ("select case when",), ("select (case when",), ("(select ", " from "), ("convert(int,",), ("xp_cmdshell",),
        ("into outfile",), ("into dumpfile",), ("load_file(",), ("; drop table",), (";drop table",),
        ("; insert into",), ("; update ", " set "), ("; delete from",), ("; exec ",), (";exec(",), ("having 1=1",),
        ("group by ", "having "), ("procedure analyse(",), ("exp(~(",), ("make_set(",), ("elt(", "=", ","),
        ("floor(rand(",), ("json_keys(", "select"), ("generate_series(",), ("regexp_substring(", "repeat("),
        ("rlike (select",), ("rlike sleep",), ("randomblob(",), ("sysibm.",), ("sysmaster:",), ("msysaccessobjects",),
        ("all_users", "select"), ("domain.tables",), ("rdb$database",), ("rdb$",), ("master..sys",),
        ("iif(", "=", "1/0"), ("order by 1--",), ("order by 1#",), ("order by 1-- ",), ("substring(", "select "),
        ("ascii(substr",), ("where ", "begin dbms"), ("concat(0x", "select"), ("unhex(hex(",), ("@@version",),
        ("select", "null,null"), ("like ", "%", "--", "=", " or "), ("declare @", "exec"), ("sp_executesql",),
        ("call regexp_substring",), ("waitfor time",), ("select version(",), ("current_setting(",),
        ("create table ", "("), (") limit 1,1", "select"), ("cast((chr(",), ("cast(",
         "as numeric"),
    ),
    *_each(
        SQL, "T1190", 0.7,
        (" or 1=1",), ("or 1=1--",), ("||1=1",), (" or true--",), (" and 1=0",), (" and 1=2",), (" or a=a",),
        ("admin--",),
        ("select ", " from ", " where "), ("select * from",), (" order by ", "--"), ("); --",), ("1)--",),
        (" and 1>0",),
        ("or 1 like 1",), ("or 1 in (",), ("or x=x",), ("or 1=1",), ("and 1=1",), ("1=1#",), ("1=1-- ",),
        ("= (select",), ("=(select",),
    ),
    *_each(
        SCRIPT, "T1189", 0.9,
        ("<script",), ("</script",), ("javascript:", "alert"), ("javascript:", "document."), ("javascript:", "="),
        ("onerror=",),
        ("onload=", "<"), ("onmouseover=",), ("onfocus=", "autofocus"), ("<svg", "on"), ("<img", "src=", "on"),
        ("<iframe", "src"), ("<body", "on"), ("<object", "data"), ("<embed",), ("document.cookie",), ("alert(", "<"),
        ("expression(", "style"), ("string.fromcharcode",), ("vbscript:",), ("livescript:",), ("<meta", "refresh"),
         ("<base", "href"),
        ("<link", "stylesheet"), ("-moz-binding",), ("<style", "import"), ("data:text/html",), ("<input", "src="),
        ("<isindex",), ("<marquee",), ("<details", "ontoggle"), ("srcdoc=",), ("<!--#exec",), ("<xml", "<"),
        ("<bgsound",),
        ("<layer", "src"), ("<frameset",), ("<table", "background"), ("<div", "style"), ("<a", "href=", "on"),
        ("&#x", "&#x"),
        ("eval(", "atob("), ("window.location",), ("<img", "javascript"), ("<applet",), ("<a", "onmouse"),
         ("fromcharcode(",),
    ),
    *_each(SCRIPT, "T1189", 0.6, ("<", ">", "alert("), ("prompt(", ")", "<"), ("xss", "<"), ("</",), ("<!--",),
     ("<style",), ("<svg",), ("<math",), ("<image",), ("<video",), ("<audio",), ("<textarea",), ("<form",),
     ("<set ", "begin="), ("<?import",), ("<", "handler="), ("<b>", "</b>"), ("<img",)),
    *_each(
        PATH, "T1190", 0.85,
        ("../../",), ("..\\..\\",), ("..0x2f",), ("..0x5c",), ("convert.iconv.",), ("convert.base64-",),
        ("etc/passwd",), ("etc/shadow",), ("boot.ini",), ("win.ini",), ("web-inf/web.xml",),
        ("..;/",), ("....//",), ("proc/self/",), ("php://filter",), ("php://input",), ("file:///",), ("expect://",),
        ("system32/", "cmd.exe"), ("..%c0%af",), ("phar://",), ("zip://", "#"), ("data://text",), ("file:/",),
        ("c:\\windows",), ("c:/windows",), ("winnt/",), (".htpasswd",), ("/../", ".ini"), ("/..", "/..", "/.."),
        ("..\\", "..\\"), ("windows\\system32",), ("\\boot.ini",), ("..//..//",), ("\\..\\",), ("meta-inf/manifest",),
        ("%00.",), ("web.config", ".."), ("gopher://",), ("169.254.169.254",), ("etc/hosts",), ("etc/issue",),
        ("etc/group",),
    ),
    *_each(PATH, "T1190", 0.6, ("/../",), ("=../",), ("=..\\",), ("=/etc/",), ("=/var/log/",), ("=/proc/",),
    ("=/usr/local/",), ("=file:",), ("..\\",)),
    *_each(
        COMMAND, "T1059", 0.9,
        (";cat ",), ("|cat ",), ("; cat ",), ("| cat ",), ("&& cat ",), (";id;",), ("|id\x02",), ("; id",),
        (";ls",), ("| ls",), ("; ls",),
        ("$(", ")"), (";wget ",), ("; wget ",), ("|wget ",), (";curl ",), ("| curl ",), ("&&wget ",), ("&& curl",),
        ("cmd.exe", "/c"), ("cmd.exe", "dir"), ("powershell", "-"), ("/bin/sh",), ("/bin/bash",), ("bin/bash -",),
        ("bin/sh -",),
        ("; ping ",), ("|ping ",), ("& ping ",), ("&ping ",), ("wget http", "chmod"), ("whoami", "|"), ("whoami",
         ";"), ("whoami", "&"),
        (";uname",), ("; uname",), ("|uname",), ("system(", ")"), ("shell_exec(",), ("passthru(",), ("() { :",),
         ("(){ :", "};"),
        ("nslookup ", "|"), ("nc -e",), ("sleep 5", ";"), ("|dir",), ("& dir",), ("| dir",), ("; dir",),
        (";netstat",), ("netstat -",),
        ("& id",), ("| id",), ("&& id",), (";pwd",), ("echo ", "|", "base64"), ("<!--#exec cmd",), ("%{(#", "="),
         ("| type ",), ("ipconfig", "|"),
        ("wget%20http", ".sh"), ("/dev/tcp/",), ("{cat,",), ("cat${ifs}",), ("${ifs}",), ("net user", "&"),
        ("dir c:",), ("net localgroup",),
        ("phpinfo()", ";"), ("import os", "system"), ("bash -i",), ("perl -e",), ("python -c",), ("sleep ",
         "ping -"), ("ping -n", "127"), ("ping -c", "127"),
        ("eval(", "$_"), ("assert(", "$_"), ("base64_decode(",), ("call_user_func",), ("vars[", "system"),
    ),
    *_each(
        LOOKUP, "T1190", 0.95,
        ("${jndi:",), ("${", "jndi", "}"), ("${lower:",), ("${upper:",), ("${::-",), ("${env:", "}"), ("ldap://",
         "${"), ("class.module.classloader",),
        ("freemarker.template",), ("t(java.lang.runtime)",), ("java.lang.runtime",), ("#cmd=", "ognl"), ("ognl",
         "multipart"),
        ("{{", "}}", "config"), ("{{", "}}", "__class__"), ("__class__", "__mro__"), ("{{7*7}}",), ("${7*7}",),
        ("#{7*7}",), ("<%=", "%>"),
        ("!doctype", "!entity"), ("rmi://",), ("invokefunction", "call_user"), ("processbuilder",), ("getruntime",
         "exec"), ("methodaccess", "denymethod"),
    ),
    *_each(
        PROBE, "T1595.003", 0.55,
        ("/wp-login.php",), ("/phpmyadmin",), ("/phpunit/",), ("/manager/html",),
        ("/cgi-bin/", ".."), ("/actuator/",), ("/solr/admin",), ("/hnap1",), ("/boaform",), ("/setup.cgi",),
        ("/server-status",), ("/owa/auth/x",), ("/autodiscover/", "powershell"), ("/vendor/", "eval-stdin"),
        ("/_ignition/",), ("/config.json",),
        ("/xmlrpc.php",), ("/adminer",), ("/telescope/",), ("/console/",), ("/jmx-console",), ("/invoker/",),
        ("/debug/default",), ("/.vscode/",),
        ("/pma/",), ("/myadmin",), ("/axis2",), ("/struts",), ("/shell?",), ("/gponform",), ("/ecp/", ".js"),
        ("/remote/fgt_lang",), ("/dana-na/",),
    ),
    *_each(
        LEAK, "T1552.001", 0.8,
        ("/.git/config",), ("/.git/head",), ("/.env",), ("/.aws/",), ("/wp-config.php.",), ("/wp-config.bak",),
        ("/.svn/entries",),
        ("/id_rsa",), ("/.htpasswd",), ("/backup.sql",), ("/dump.sql",), ("/.ssh/",), ("/web.config.bak",),
        ("/.npmrc",),
    ),
    *_each(
        SHELL, "T1505.003", 0.8,
        ("c99.php",), ("r57.php",), ("wso.php",), ("b374k",), ("shell.php",), ("cmd.php",), ("cmd.jsp",),
        ("cmd.asp",), ("shell.jsp",), ("china.aspx",),
        ("/uploads/", ".php", "cmd="), (".php?", "cmd="), (".aspx?", "cmd="), (".jsp?", "cmd="), (".php?", "exec="),
        ("alfa.php",), ("wp-content/uploads", ".php"),
        ("webshell",), ("eval-stdin.php",), ("tunnel.aspx",), ("regeorg",), ("errorff.aspx",), ("discover.aspx",
         "cmd"), ("owa/auth/", ".aspx", "exec"),
    ),
)  # fmt: skip

SCANNERS = (
    "sqlmap", "nikto", "nessus", "openvas", "acunetix", "netsparker", "wpscan", "dirbuster", "gobuster", "dirb/",
    "ffuf",
    "nuclei", "masscan", "zgrab", "w3af", "arachni", "havij", "nmap scripting", "whatweb", "wfuzz", "feroxbuster",
    "metasploit", "hydra", "burpcollaborator", "jaeles", "commix", "xsser", "qualys", "zmeu", "morfeus", "jorgee",
    "paros", "webinspect", "appscan", "vega/", "skipfish", "grendel", "brutus", "sqlninja", "joomscan", "cgichk",
)  # fmt: skip
"""User agents of tools that look for holes and say so."""
