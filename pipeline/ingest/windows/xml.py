"""A Windows event as XML, as Windows exports it and Linux' Sysmon logs it → the nested form of `WindowsRecord`."""

from typing import Any
from xml.etree.ElementTree import Element

from pipeline.ingest.xml_pieces import parsed


def event_of(raw: bytes, encoding: bytes = b"utf-8") -> dict[str, Any]:
    """`{"Event": {"System": …, "EventData": …}}`. ValueError: no event; entities and document types are refused."""
    try:
        root = parsed(raw, encoding)
    except ValueError as error:
        raise ValueError(f"the event is {error}") from None
    if _name(root) != "Event":
        raise ValueError("the element is no event")
    return {"Event": _object(root)}


def object_of(raw: bytes) -> dict[str, Any]:
    """What an element of anybody holds, by name. ValueError as `event_of`, and for one without elements inside."""
    root = parsed(raw, b"utf-8")
    if not len(root):
        raise ValueError("the element holds no others")
    return _object(root)


def _object(node: Element) -> dict[str, Any]:
    """Attributes and children by name; several of one name are a list."""
    found: dict[str, Any] = dict(node.attrib)
    for child in node:
        name, value = _name(child), _value(child)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    data = found.get("Data")
    if data is not None and not isinstance(data, list):
        found["Data"] = [data]
    return found


def _value(node: Element) -> Any:
    text = (node.text or "").strip()
    if len(node):
        return _object(node)
    return {**node.attrib, "#text": text} if node.attrib else text


def _name(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]
