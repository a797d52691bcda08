"""The topics as an AsyncAPI 3.0 document: what travels where, keyed by what, kept how long."""

from collections.abc import Mapping
from typing import Any

from schemas.action import Action
from schemas.alert import Alert
from schemas.base import Wire
from schemas.dead_letter import DeadLetter
from schemas.feedback import Approval, Feedback
from schemas.incident import Incident
from schemas.note import FindingNote, LinkNote, VerdictNote, VolumeNote
from schemas.sources import SOURCES
from schemas.topics import KEY_GROUPS, TOPICS, Topic

VERSION = "1.0.0"
"""Of the topics' contract: raised when a consumer of ours has to change."""
_SENT: dict[str, tuple[type[Wire], ...]] = {
    "alerts": (Alert,),
    "deadletter": (DeadLetter,),
    "findings": (FindingNote, LinkNote, VerdictNote, VolumeNote),
    "incidents": (Incident,),
    "actions": (Action,),
}
_RECEIVED: dict[str, tuple[type[Wire], ...]] = {"feedback": (Feedback,), "approvals": (Approval,)}
_CLOUD_EVENTS = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type")


def asyncapi(files: Mapping[type[Wire], str]) -> dict[str, Any]:
    """The document; payloads refer to `json-schema/<file>.json` beside it. `files`: file name by model."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "wardwatch",
            "version": VERSION,
            "description": (
                "Events, alerts and dead letters. Names come behind the configured prefix. Kafka's default partitioner"
                f" (murmur2) places keys; state belongs to murmur2(key) % {KEY_GROUPS}, so partitions divide"
                f" {KEY_GROUPS}."
            ),
        },
        "defaultContentType": "application/json",
        "servers": {
            "local": {
                "host": "127.0.0.1:9092",
                "protocol": "kafka",
                "description": "The broker that wardwatch up starts.",
            }
        },
        "channels": {name: _channel(topic, files) for name, topic in TOPICS.items()},
        "operations": {
            f"{'send' if name in _SENT else 'receive'}_{name}": {
                "action": "send" if name in _SENT else "receive",
                "channel": {"$ref": f"#/channels/{name}"},
                "summary": topic.title,
            }
            for name, topic in TOPICS.items()
        },
    }


def _channel(topic: Topic, files: Mapping[type[Wire], str]) -> dict[str, Any]:
    config: dict[str, Any] = {
        "cleanup.policy": ["compact" if topic.compact else "delete"],
        "retention.ms": topic.retention_ms,
    }
    return {
        "address": topic.name,
        "description": topic.title,
        "messages": {name: _message(topic, name, payload) for name, payload in _payloads(topic, files).items()},
        "bindings": {"kafka": {"topic": topic.name, "partitions": topic.partitions, "topicConfiguration": config}},
    }


def _payloads(topic: Topic, files: Mapping[type[Wire], str]) -> dict[str, dict[str, Any]]:
    """Schema by message name: a reference to a published model, or any object where there is none."""
    models = (_SENT | _RECEIVED).get(topic.name, ())
    if topic.name in SOURCES:
        models = SOURCES[topic.name].models
    if not models:
        return {"Row": {"type": "object", "description": "Columns of one row by name."}}
    return {model.__name__: {"$ref": f"./json-schema/{files[model]}.json"} for model in models}


def _message(topic: Topic, name: str, payload: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {
        "name": name,
        "payload": payload,
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}}},
    }
    if topic.name == "alerts":
        message["headers"] = {
            "type": "object",
            "description": "CloudEvents, binary mode.",
            "properties": {header: {"type": "string"} for header in _CLOUD_EVENTS},
        }
    return message
