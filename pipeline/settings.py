"""All settings, in one class: environment over file over default.

Environment: `WARDWATCH_` and the name in capitals, `__` between levels. File: TOML, `wardwatch.toml` in the working
folder or the path in WARDWATCH_CONFIG.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from pipeline.detectors.river_plugin import RiverSpec
from pipeline.errors import ConfigError
from pipeline.features.lists import NAMES
from pipeline.features.recent_ids import MAX_WINDOW
from pipeline.incidents.options import IncidentOptions
from pipeline.response.options import ResponseOptions
from schemas.topics import KEY_GROUPS

CONFIG_VARIABLE = "WARDWATCH_CONFIG"


class Settings(BaseSettings):
    """What a worker, a scan and the commands need to know. Secrets may stand in files named by `…_file`."""

    model_config = SettingsConfigDict(env_prefix="WARDWATCH_", env_nested_delimiter="__", extra="forbid", frozen=True)

    data_dir: Path = Path("~/.wardwatch")
    """Folder of everything local: broker, database, checkpoints, keys, logs."""

    kafka_bootstrap: str = "127.0.0.1:9092"
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_SSL", "SASL_PLAINTEXT"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    kafka_username: str | None = None
    kafka_password: SecretStr | None = None
    kafka_password_file: Path | None = None
    kafka_ca_file: Path | None = None
    kafka_cert_file: Path | None = None
    kafka_key_file: Path | None = None
    kafka_replication: int = Field(default=1, ge=1, le=7)
    topic_prefix: str = Field(default="", pattern=r"^[a-zA-Z0-9._-]{0,64}$")
    partitions: int | None = Field(default=None, ge=1)
    """Partitions of the source topics that `init` makes; has to divide `key_groups`."""
    consumer_group: str = "wardwatch"
    session_timeout_s: float = Field(default=20.0, ge=6, le=90)
    """A worker that the broker has not heard of for this long loses its partitions to the others."""

    clickhouse_url: str = "http://127.0.0.1:8123"
    clickhouse_user: str = "default"
    clickhouse_password: SecretStr | None = None
    clickhouse_password_file: Path | None = None
    clickhouse_database: str = Field(default="default", pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")

    identifiers: Literal["pseudonyms", "plain"] = "pseudonyms"
    pseudonym_key: SecretStr | None = None
    pseudonym_key_file: Path | None = None

    checkpoints: Path | str = Field(default_factory=lambda given: given["data_dir"] / "checkpoints")
    """A folder, by default under `data_dir`, or a URL that fsspec knows, such as `s3://bucket/prefix`."""
    checkpoint_every_s: float = Field(default=15.0, ge=0.2, le=3600)
    checkpoint_key: SecretStr | None = None
    checkpoint_key_file: Path | None = None

    key_groups: int = Field(default=KEY_GROUPS, ge=1, le=256)
    seed: int = Field(default=7, ge=0)
    copies_window: int = Field(default=65_536, ge=0, le=MAX_WINDOW)
    """An event whose id is among this many last ones of its key group is a copy and left out; 0 keeps copies."""
    access_grace_h: float = Field(default=4.0, ge=0, le=168)
    """Hours that an access to a chart without a reason waits for one, such as an order typed in later."""
    break_glass_h: float = Field(default=24.0, ge=0, le=168)
    """Hours within which care has to be documented after an emergency access."""
    claim_wait_d: float = Field(default=7.0, ge=0, le=90)
    """Days that a claim waits for its encounter to be told and for somebody to open the chart."""
    chunk_records: int = Field(default=32_000, ge=1, le=100_000)
    """Records fetched and scored at a time, at most, and up to a quarter more where no more were fetched: so many only
    where a worker lags. All detectors together take 5 to 15 ms for a chunk beside what they take for its events."""
    insert_rows: int = Field(default=32_000, ge=1, le=1_000_000)
    insert_every_s: float = Field(default=1.0, ge=0.01, le=60)
    disabled: tuple[str, ...] = ()
    """Ids of detectors that shall not run."""
    detectors: dict[str, dict[str, Any]] = {}
    """Options by detector id: `{"network.port_scan": {"ports": 30}}`; `alerts_per_day`, `threshold` for all."""
    challengers: dict[str, dict[str, Any]] = {}
    """Other options by detector id, tried in shadow beside the detector: nothing of it is told until `promote`."""
    fresh_challengers: int = Field(default=2, ge=0, le=10)
    """So many detectors of a source (in each key group) get a fresh instance in shadow after a drift; 0: none."""
    river: tuple[RiverSpec, ...] = ()
    learned: Annotated[tuple[Path, ...], NoDecode] = ()
    """Model files that `wardwatch learn` wrote, to run beside the detectors; in the environment set apart by `:`."""
    rules: Annotated[tuple[Path, ...], NoDecode] = ()
    """Folders and files of Sigma rules; in the environment several are set apart by `:`, as in PATH."""
    shipped_rules: bool = True
    """Whether the Sigma rules that come with wardwatch run beside them."""
    lists: dict[str, Path] = {}
    inventory: Path | None = None
    incidents: IncidentOptions = IncidentOptions()
    """How findings are put together, and when told: table `[incidents]`, see `pipeline.incidents.options`."""
    response: ResponseOptions = ResponseOptions()
    """How incidents are answered: table `[response]`, see `pipeline.response.options`."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        path = _file()
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, path)

    @field_validator("data_dir")
    @classmethod
    def _expand(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("checkpoints", mode="before")
    @classmethod
    def _place(cls, place: object) -> Path | str:
        text = str(place).strip()
        if not text:
            raise ValueError("name a folder, or a URL such as s3://bucket/prefix")
        protocol, separator, path = text.partition("://")
        if separator and protocol != "file":
            return text
        return Path(path if separator else text).expanduser().absolute()

    @field_validator("rules", "learned", mode="before")
    @classmethod
    def _paths(cls, value: object) -> object:
        return tuple(filter(None, value.split(os.pathsep))) if isinstance(value, str) else value

    @field_validator("lists")
    @classmethod
    def _known_lists(cls, lists: dict[str, Path]) -> dict[str, Path]:
        for name in lists:
            if name not in NAMES:
                raise ValueError(f"no list is called {name!r}; there are {', '.join(NAMES)}")
        return lists

    @model_validator(mode="after")
    def _consistent(self) -> "Settings":
        if self.kafka_security == "SASL_PLAINTEXT":
            raise ValueError("SASL without TLS would send the password in clear: set kafka_security to SASL_SSL")
        if self.kafka_security == "SASL_SSL" and not (self.kafka_username and self._has("kafka_password")):
            raise ValueError("SASL_SSL needs kafka_username and kafka_password or kafka_password_file")
        if self.kafka_security in ("PLAINTEXT", "SSL") and self.kafka_username:
            raise ValueError("kafka_username is set but kafka_security is not SASL_SSL: it would not be used")
        if self.partitions and self.key_groups % self.partitions:
            raise ValueError(f"partitions ({self.partitions}) has to divide key_groups ({self.key_groups})")
        return self

    def _has(self, name: str) -> bool:
        return getattr(self, name) is not None or getattr(self, f"{name}_file") is not None

    def secret(self, name: str) -> str | None:
        """The secret `name` from the setting or from its file, None when neither is given.

        Raises ConfigError when the file cannot be read or is empty.
        """
        given: SecretStr | None = getattr(self, name)
        path: Path | None = getattr(self, f"{name}_file")
        if given is not None:
            return given.get_secret_value()
        if path is None:
            return None
        try:
            text = path.expanduser().read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{name}_file {path} cannot be read ({type(error).__name__})") from error
        if not text:
            raise ConfigError(f"{name}_file {path} is empty")
        return text


def load_settings(**overrides: Any) -> Settings:
    """Settings from environment and file, with `overrides` above both. Raises ConfigError with the first fault."""
    config = os.environ.get(CONFIG_VARIABLE)
    if config and not Path(config).is_file():
        raise ConfigError(f"{CONFIG_VARIABLE} names {config}, which is not a file")
    try:
        return Settings(**overrides)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in fault["loc"])
        message = fault["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{_place(name, overrides)}setting {name}: {message}" if name else message) from error
    except SettingsError as error:  # JSON expected in an environment variable
        raise ConfigError(f"settings cannot be read: {error}") from error
    except (ValueError, OSError) as error:
        raise ConfigError(f"{_file()} cannot be read: {error}") from error


def _file() -> Path:
    return Path(os.environ.get(CONFIG_VARIABLE, "wardwatch.toml"))


def _place(name: str, overrides: dict[str, Any]) -> str:
    """Where a setting was given, for a message; nothing for one that a caller gave."""
    first = name.partition(".")[0]
    if first in overrides:
        return ""
    variable = "WARDWATCH_" + first.upper()
    given = next((v for v in os.environ if v.upper() == variable or v.upper().startswith(variable + "__")), None)
    return f"{given or _file()}: " if given or _file().is_file() else ""
