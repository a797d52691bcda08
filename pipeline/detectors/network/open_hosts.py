"""Hosts where anybody puts a page or a forwarding address: who is behind a link there, its name does not tell."""

from functools import lru_cache

from pipeline.detectors.network.sites import lies_under

# Storage, free pages, tunnels, forms and shorteners, as their makers document them.
_OPEN = frozenset((
    "storage.googleapis.com", "s3.amazonaws.com", "blob.core.windows.net", "web.core.windows.net", "r2.dev",
    "pages.dev", "workers.dev", "web.app", "firebaseapp.com", "github.io", "gitlab.io", "netlify.app", "vercel.app",
    "herokuapp.com", "onrender.com", "glitch.me", "repl.co", "weebly.com", "wixsite.com", "wordpress.com",
    "000webhostapp.com", "blogspot.com", "sites.google.com", "forms.gle", "docs.google.com", "jotform.com",
    "typeform.com", "surge.sh", "ngrok.io", "ngrok-free.app", "trycloudflare.com", "duckdns.org", "ddns.net",
    "no-ip.org", "hopto.org", "ipfs.io", "dweb.link", "cloudflare-ipfs.com", "bit.ly", "t.co", "tinyurl.com",
    "is.gd", "ow.ly", "cutt.ly", "rebrand.ly", "goo.gl", "rb.gy", "t.ly", "shorturl.at", "lnkd.in", "s.id",
    "tiny.cc", "bl.ink", "linktr.ee", "notion.site", "myportfolio.com", "square.site", "godaddysites.com",
    "webflow.io", "mybluehost.me", "translate.goog", "linodeobjects.com", "digitaloceanspaces.com",
    "backblazeb2.com", "appspot.com", "azurewebsites.net",
))  # fmt: skip


@lru_cache(maxsize=65_536)
def is_open(host: str) -> bool:
    """Whether the host, in lower case, is one of them or lies under one.

    >>> is_open("bucket7.s3.amazonaws.com"), is_open("aws.amazon.com")
    (True, False)
    """
    return lies_under(host, _OPEN)
