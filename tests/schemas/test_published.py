"""The published descriptions are those of the models, complete, and their references resolve."""

import re
from pathlib import Path
from typing import Any

import orjson

from schemas.publish import PUBLISHED, differences, published, write
from schemas.sources import SOURCES
from schemas.tables import MIGRATIONS
from schemas.topics import TOPICS


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [r for child in node.values() for r in references(child)]
    return [r for child in node for r in references(child)] if isinstance(node, list) else []


def test_the_committed_files_are_current() -> None:
    assert differences(PUBLISHED) == [], "run wardwatch schema and commit"


def test_every_reference_resolves() -> None:
    files = published()
    for name, text in files.items():
        if not name.endswith(".json"):
            continue
        document = orjson.loads(text)
        for reference in references(document):
            file, _, pointer = reference.partition("#")
            target = document if not file else orjson.loads(files[file.removeprefix("./")])
            for step in pointer.strip("/").split("/") if pointer else ():
                target = target[step]
            assert isinstance(target, dict)


def test_every_event_model_and_topic_is_described() -> None:
    files = published()
    for source in SOURCES.values():
        for model in source.models:
            schema = orjson.loads(files[f"json-schema/{source.name}.{model.__name__}.json"])
            assert set(schema["properties"]) == set(model.model_fields)
            assert {"ts", "event_id", "format"} <= set(schema["required"])
    document = orjson.loads(files["asyncapi.json"])
    assert document["asyncapi"] == "3.0.0"
    assert set(document["channels"]) == set(TOPICS)
    for name, topic in TOPICS.items():
        kafka = document["channels"][name]["bindings"]["kafka"]
        assert kafka["partitions"] == topic.partitions
        assert kafka["topicConfiguration"]["retention.ms"] == topic.retention_ms
    assert set(document["channels"]["network"]["messages"]) == {m.__name__ for m in SOURCES["network"].models}


def test_the_tables_are_those_of_the_migrations() -> None:
    told = published()["clickhouse.sql"]
    flat = re.sub(r"\s+", " ", told)
    for migration in MIGRATIONS:
        for statement in migration.statements:
            assert re.sub(r"\s+", " ", statement.strip()) in flat


def test_writing_is_repeatable_and_differences_are_named(tmp_path: Path) -> None:
    assert len(write(tmp_path)) == len(published())
    assert write(tmp_path) == []
    assert differences(tmp_path) == []
    (tmp_path / "asyncapi.json").write_text("{}")
    (tmp_path / "clickhouse.sql").unlink()
    (tmp_path / "json-schema" / "Old.json").write_bytes(b"\xff")
    assert differences(tmp_path) == ["asyncapi.json", "clickhouse.sql", "json-schema/Old.json"]
