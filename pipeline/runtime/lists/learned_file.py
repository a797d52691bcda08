"""Model files: a NumPy archive of plain arrays and a JSON manifest, never pickle, so that a foreign one is harmless."""

import io
import zipfile
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from pipeline.detectors.learned_model import LearnedModel, Manifest
from pipeline.errors import ConfigError, UsageError, WardwatchError
from pipeline.models.frozen_forest import FrozenForest
from pipeline.settings import Settings

FORM = 1
MOST_BYTES = 1 * 2**30
"""Unpacked; a forest of 50 trees over 8,192 rows has 23 MB."""
_ARRAYS = ("nodes", "cut", "code", "shape", "manifest")


def write_learned(model: LearnedModel, path: Path) -> None:
    """Write the file whole or not at all."""
    content = io.BytesIO()
    np.savez_compressed(
        content,
        nodes=model.forest.nodes,
        cut=model.forest.cut,
        code=model.forest.code,
        shape=np.array([FORM, model.forest.numbers, model.forest.categories], np.int64),
        manifest=np.frombuffer(model.manifest.model_dump_json().encode(), np.uint8),
    )
    half = path.with_name(path.name + ".part")
    try:
        half.write_bytes(content.getvalue())
        half.replace(path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise UsageError(f"cannot write {path}: {error.strerror}; choose another --out") from error


def read_learned(path: Path) -> LearnedModel:
    """The model in a file. Raises ConfigError, one line, for anything that is none or does not fit together."""
    try:
        with zipfile.ZipFile(path) as archive:
            if {m.filename for m in archive.infolist()} != {f"{name}.npy" for name in _ARRAYS}:
                raise ConfigError(f"{path} is no model file: wardwatch learn writes them")
            if sum(m.file_size for m in archive.infolist()) > MOST_BYTES:
                raise ConfigError(f"{path} is larger than any model file: it is damaged or hostile")
        with np.load(path, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in _ARRAYS}
        shape = found["shape"].tolist()
        if len(shape) != 3 or shape[0] != FORM:
            raise ConfigError(f"{path} is a model file of another version: learn it again")
        manifest = Manifest.model_validate_json(found["manifest"].tobytes())
        forest = FrozenForest(found["nodes"], found["cut"], found["code"], shape[1], shape[2])
        return LearnedModel(manifest, forest)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        said = fault["msg"].removeprefix("Value error, ")
        raise ConfigError(f"model file {path} does not fit: {said}") from error
    except WardwatchError as error:
        raise error if isinstance(error, ConfigError) else ConfigError(f"model file {path}: {error}") from error
    except (OSError, ValueError, zipfile.BadZipFile, KeyError, EOFError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is no model file or damaged"
        raise ConfigError(f"model file {path} cannot be read: {why}") from error


def learned_of(settings: Settings) -> tuple[LearnedModel, ...]:
    """The models of the settings. Raises ConfigError when one cannot run, or two have the same name."""
    models = tuple(read_learned(path.expanduser()) for path in settings.learned)
    for model, path in zip(models, settings.learned, strict=True):
        if model.manifest.source is None:
            raise ConfigError(
                f"model file {path} was learned for no events: learn it again with --for, such as --for network.flow"
            )
    if len({m.id for m in models}) < len(models):
        raise ConfigError("two model files have the same name: learn one of them again with another --name")
    return models
