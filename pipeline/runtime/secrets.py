"""The hospital's keys: given by settings, or made once for local use."""

import os
import secrets
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.settings import Settings


def key_bytes(settings: Settings, name: str, *, make: bool) -> bytes:
    """The key `name` (`pseudonym_key`, `checkpoint_key`) from settings, or from `data_dir/keys`.

    With `make` a missing key is created there, readable by its owner only. Raises ConfigError without one: workers
    in a cluster have to share it, so it is never invented for them.
    """
    given = settings.secret(name)
    if given is not None:
        return given.encode()
    path = settings.data_dir / "keys" / name
    if path.exists():
        return _read(path)
    if not make:
        variable = f"WARDWATCH_{name.upper()}_FILE"
        raise ConfigError(f"no {name.replace('_', ' ')}: set {variable} to a file with a long random text")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass  # another process was quicker: its key counts
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({error.strerror}): set WARDWATCH_DATA_DIR") from error
    return _read(path)


def _read(path: Path) -> bytes:
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror})") from error
    if len(key) < 16:
        raise ConfigError(f"{path} is too short for a key: remove it to have a new one made")
    return key
