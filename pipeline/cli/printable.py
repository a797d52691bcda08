"""Text from elsewhere as a terminal may show it."""


def printable(text: str) -> str:
    """Without control characters, which could rewrite what a terminal shows."""
    return "".join(c if c.isprintable() else "�" for c in text)
