"""What attackers write into requests: words that must all occur in the request laid bare (quotes are dropped)."""

from typing import NamedTuple


class WebRule(NamedTuple):
    """All `terms` occur in the request."""

    kind: str
    technique: str
    weight: float
    terms: tuple[str, ...]


OPERATORS = ("ne", "eq", "gt", "gte", "lt", "lte", "in", "nin", "regex", "where", "exists", "or", "nor", "not")
"""Of MongoDB's queries."""


def _each(kind: str, technique: str, weight: float, *alternatives: tuple[str, ...]) -> tuple[WebRule, ...]:
    return tuple(WebRule(kind, technique, weight, terms) for terms in alternatives)


SQL = "a database command"
SCRIPT = "a script for visitors' browsers"
PATH = "a way to files outside the site"
COMMAND = "a command for the server"
LOOKUP = "code for the server to fetch and run"
PROBE = "a search for files left behind"
LEAK = "secrets left lying on the site"
DOCUMENT = "a query for a document database"
DIRECTORY = "a query for a directory of users"
CODE = "program code for the server"
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
    *_each(PATH, "T1190", 0.6, ("/../",), ("=../",), ("=..\\",), ("=/etc/",), ("=/proc/",),
    ("=/usr/",), ("=file:",), ("..\\",), ("=/var/",), ("=/opt/",), ("=/root/",), ("=/boot/",), ("=c:/",),
    ("=c:\\",), ("=d:\\",), ("=d:/",), ("=\\program files",), ("inetpub\\",), ("=/xampp",), ("=/", "access.log"),
    ("=/", "access_log"), ("=/", "error.log"), ("=/", "error_log"), ("=/", "httpd.conf"), ("=/", "php.ini"),
    ("=/", "my.cnf"), ("=/", ".bash_history"), ("=/", "authorized_keys"), ("=/", "sshd_config"),
    ("=/", "sudoers"), ("=/", ".log\x02", "/log"), ("=/", ".conf\x02")),
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
        DOCUMENT, "T1190", 0.8,
        *((f"[${name}]",) for name in ("ne", "nin", "regex", "where", "exists")), ("[$gt]=\x02",), ("[$gt]=&",),
        *((f"{{${name}:",) for name in OPERATORS), *((f"{{ ${name}:",) for name in OPERATORS),
        *((f"{{ ${name} :",) for name in OPERATORS), ("$where:",), ("$where", "this."), ("&& this.", ".match("),
        ("|| this.",), ("; return true",), (";return true",), (";return 1",), ("; return 1",), (".mapreduce(",),
        ("$func", "var_dump"), ("$or: [",), ("$or:[",), ("this.", ".length"), ("this.password",),
    ),
    *_each(
        DIRECTORY, "T1190", 0.75,
        (")(|(",), (")(&(",), ("*)(uid=",), ("*)(cn=",), ("*(|(",), ("(objectclass=",), ("*)((|",), (")(!(",),
        ("(|(mail=",), ("or count(/",), ("or name(", "=/"), ("]|//",), ("count(/child::",), ("/text()", "or"),
        ("string-length(name(",), ("/*/*",), ("userpassword=*",),
    ),
    *_each(
        CODE, "T1059", 0.85,
        ("<?php",), ("<?=",), ("?><?",), ("$_get[",), ("$_post[",), ("$_request[",), ("$_server[",), ("$globals",),
        ("${@print",), ("create_function(",), ("file_put_contents(",), ("file_get_contents(",),
        ("proc_open(",), ("popen(",), ("php_uname(",), ("gzinflate(",), ("allow_url_include",),
        ("auto_prepend_file",), ("disable_functions",), ("o:8:stdclass",), (":{s:", ";s:"), ("child_process",),
        ("process.mainmodule",), ("process.binding",), ("require(fs)",), ("constructor.constructor",),
        ("constructor(", "return"), ("__proto__",), ("constructor.prototype",), ("constructor[prototype",),
        ("__import__(",), ("__globals__",), ("__builtins__",), ("__subclasses__",), ("os.system(",),
        ("subprocess.", "("), ("kernel.exec",), ("process.spawn",), ("io.popen",), ("java.lang.",), ("java.io.",),
        ("javax.script",), ("new file(",), ("ac ed 00 05",), ("ro0abx",), ("#_memberaccess",), ("@java.",),
        ("xmldecoder",), ("invokertransformer",), ("_$$nd_func$$_",), ("#{", "exec("), ("#{", "require"), ("$ifs",),
        ("/???/",), ("$@", ";"), ("(system)(",), ("[system]",), ("require_once(",), ("include(http",),
        ("<%", "request("), ("<%", "eval"),
    ),
    *_each(
        LOOKUP, "T1190", 0.75,
        ("{%", "%}"), ("<%=", "%"), ("${{",), ("<#assign",), ("#set(",), ("{php}",), ("[[${",), ("=http://[::",),
        ("=http://0/",), ("=http://0.0.0.0",), ("=http://2130706433",), ("=http://0x7f",), ("=dict://",),
        ("metadata.google.internal",), ("=jar:http",), ("=netdoc:",), ("=ldap://",), ("ssh2.exec",), ("ogg://",),
        ("glob://",), ("<!entity",), ("<!doctype", "system"), ("xinclude",),
    ),
    *_each(
        SCRIPT, "T1189", 0.75,
        ("javascript:", "("), ("alert(1",), ("alert(document",), ("alert(xss",), ("alert(/",),
        ("prompt(1",), ("confirm(1",), (";alert(",), ("settimeout(", "alert"), ("constructor(", "alert"),
        ("eval(", ".source"), ("document[",), ("document.domain",), ("document.location",), ("window[",), ("top[",),
        ("self[",), ("import(", "//"), ("fetch(", "//"), ("new function(",), ("[].constructor",), ("![]+[]",),
        ("![] []",), (".call${",), ("&#106", "&#"), ("\\u0061lert",), ("\\x3cscript",), ("\\u003cscript",),
        ("<noscript",), ("<xss",), ("<keygen",), ("<template",), ("<button", "formaction"), ("<animate",),
    ),
    *_each(
        SQL, "T1190", 0.8,
        (";shutdown",), ("; shutdown",), (";declare @",), ("; declare @",), ("; exec(",), (";exec ",),
        ("; execute ",), ("; truncate table",), ("; alter table",), (";alter table",), ("; create table",),
        (";create table",), ("; create user",), ("; grant ",), ("; select ", "("), ("; select ", " from "),
        ("; select *",), (";select ",), ("; select(",), ("; if (", "select"), ("; begin ", "end"), (" or isnull(",),
        (" or exists(",), (" and exists(",), ("or not exists",), ("and ascii(",), ("and length(",), ("and substr",),
        ("and mid(",), ("or sleep(",), ("=sleep(",), (" having ", "--"), ("select", "from dual"), ("pg_read_file",),
        ("lo_import(",), ("copy ", " from program"), ("openrowset(",), ("opendatasource(",), ("sys.user_",),
        ("v$version",), ("user_tables", "select"), ("table_name", "select ", "from"),
        ("column_name", "select ", "from"), ("group_concat(",), ("load data infile",), ("sqlite_master",),
        ("sqlite_version(",), ("pg_catalog",), ("sysobjects",), ("syscolumns",),
        ("xp_regread",), ("xp_dirtree",), ("sp_password",), ("sp_oacreate",), ("in boolean mode",),
        ("waifor delay",), ("is null; --",), ("json_depth(",), ("jsonb_pretty(",), ("rlike(",), ("name_const(",),
        ("polygon((select",), ("geometrycollection(",),
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
