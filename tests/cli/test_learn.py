"""The command `learn`: a model with its manifest, and that model at work on events."""

from pathlib import Path

import numpy as np
import orjson
import pytest
from cli.running import Command

from pipeline.detectors.catalogue import catalogue
from pipeline.detectors.learned_model import LearnedModel
from pipeline.detectors.learned_plugin import learned_detector
from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.errors import ConfigError
from pipeline.features.decode import decode
from pipeline.runtime.lists.learned_file import learned_of, read_learned
from pipeline.settings import load_settings

FOR_FLOWS = ("--for", "network.flow", "--map", "sent=bytes_out", "--map", "port=dst_port")


def flow(bad: bool, rng: np.random.Generator) -> dict[str, object]:
    return {
        "proto": "udp" if bad else "tcp",
        "service": "dns",
        "port": 53 if bad else int(rng.choice([80, 443])),
        "sent": int(rng.lognormal(12 if bad else 6, 0.5)),
        "src": f"10.0.{rng.integers(9)}.{rng.integers(9)}",
    }


@pytest.fixture
def history(tmp_path: Path) -> Path:
    rng = np.random.default_rng(6)
    lines = ["proto,service,port,sent,src,when,Label"]
    for i in range(600):
        bad = bool(rng.random() < 0.2)
        row = [*flow(bad, rng).values(), f"2024-05-01 10:{i // 60:02d}:{i % 60:02d}", "exfil" if bad else "BENIGN"]
        lines.append(",".join(map(str, row)))
    path = tmp_path / "history.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def learned(command: Command, history: Path, *more: object) -> Path:
    out = history.with_name("model")
    ran = command("learn", history, "--label", "Label", "--time", "when", *more, "--out", out)
    assert ran.status == 0, ran.err
    return out


def test_the_manifest_tells_what_it_was_trained_on(command: Command, history: Path) -> None:
    out = learned(command, history, *FOR_FLOWS)
    manifest = orjson.loads(command("learn", "--show", out, "--json").out)
    assert (manifest["rows"], manifest["label"], manifest["benign"]) == (600, "Label", ["BENIGN"])
    assert manifest["labels"]["exfil"] == manifest["attacks"] > 50 and len(manifest["sha256"]) == 64
    assert manifest["first_row"] == "2024-05-01T10:00:00+00:00" and manifest["last_row"].startswith(
        "2024-05-01T10:09:59"
    )
    assert {c["name"]: c["field"] for c in manifest["columns"]} == {
        "proto": "proto", "sent": "bytes_out", "port": "dst_port"
    }  # fmt: skip
    assert "no such field" in manifest["left_out"]["src"] and "always" in manifest["left_out"]["service"]
    assert manifest["quality"]["auc"] > 0.95 and manifest["quality"]["late_rows"] == 60
    shown = command("learn", "--show", out)
    assert "exfil" in shown.out and manifest["sha256"] in shown.out and "network.learned_history" in shown.out


def test_the_model_judges_events(command: Command, history: Path) -> None:
    model = read_learned(learned(command, history, *FOR_FLOWS, "--name", "exfil"))
    engine = Engine("network", EngineConfig(learned=(model,), disabled=tuple(catalogue())))
    assert list(engine.detectors) == ["network.learned_exfil"]
    rng, documents = np.random.default_rng(8), []
    bad = np.arange(400) % 40 == 39
    for i in range(400):
        event = flow(bool(bad[i]), rng)
        documents.append(orjson.dumps(
            {"kind": "flow", "format": "t.t", "event_id": f"e{i}", "ts": 1e9 + i, "src_ip": event["src"],
             "dst_ip": "203.0.113.9", "proto": event["proto"], "service": "dns",
             "dst_port": event["port"], "bytes_out": event["sent"]}
        ))  # fmt: skip
    batch = decode("network", documents, 8, None).batch
    detector = engine.detectors["network.learned_exfil"]
    scores = detector.score(batch)
    assert scores.values[bad].min() > 0.5 > 0.2 > scores.values[~bad].max()
    told = detector.explain(batch, int(np.flatnonzero(bad)[0]), scores)
    assert "looks like the attacks of exfil" in told.message and "bytes_out" in told.message
    assert engine.process(batch, Origin("t", 0, np.arange(400))).scores["network.learned_exfil"].tolist() == (
        scores.values.tolist()
    )
    other = LearnedModel(model.manifest.model_copy(update={"seed": 9}), model.forest)
    again = Engine("network", EngineConfig(learned=(other,), disabled=tuple(catalogue())))
    assert again.model_version != engine.model_version


def test_a_model_without_events_is_for_reading_only(command: Command, history: Path) -> None:
    out = learned(command, history)
    manifest = orjson.loads(command("learn", "--show", out, "--json").out)
    assert manifest["source"] is None and "who attacked then" in manifest["left_out"]["src"]
    with pytest.raises(ConfigError, match="--for"):
        learned_detector(read_learned(out))
    ran = command("scan", history, "--model", out)
    assert ran.status == 2 and "learned for no events" in ran.error


def test_settings_name_models(command: Command, history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = learned(command, history, *FOR_FLOWS)
    monkeypatch.setenv("WARDWATCH_LEARNED", str(out))
    assert [m.id for m in learned_of(load_settings())] == ["network.learned_history"]
    with pytest.raises(ConfigError, match="same name"):
        learned_of(load_settings(learned=(out, out)))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--for", "net.flow"), "no topic 'net'"),
        (("--for", "network.flows"), "are of the kinds"),
        (("--map", "sent=bytes_out"), "--for"),
        (("--for", "network.flow", "--map", "sent=nothing"), "no field 'nothing'"),
        (("--for", "network.flow", "--map", "sent=conn_state"), "is a number, but field conn_state"),
        (("--for", "network.flow", "--map", "proto=bytes_in"), "is a category, but field bytes_in"),
        (("--for", "ehr.access"), "--map COL=FIELD"),
        (("--name", "A b"), "small letters"),
    ],
)
def test_what_does_not_fit_is_one_line(command: Command, history: Path, more: tuple[str, ...], said: str) -> None:
    ran = command("learn", history, "--label", "Label", *more, "--out", history.with_name("m"))
    assert ran.status == 2 and said in ran.error
    assert not history.with_name("m").exists()


def test_foreign_and_damaged_files_are_refused(command: Command, history: Path) -> None:
    out = learned(command, history, *FOR_FLOWS)
    content = out.read_bytes()
    for broken in (b"", b"text", content[:-100], content[:200] + b"\0" * 64 + content[264:]):
        out.write_bytes(broken)
        ran = command("learn", "--show", out)
        assert ran.status == 2 and "model" in ran.error
    np.savez(out.with_suffix(".npz"), a=np.zeros(3))
    assert "no model file" in command("learn", "--show", out.with_suffix(".npz")).error
    assert "give FILE" in command("learn").error


def test_too_few_of_a_class(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("a,label\n" + "".join(f"{i * 7 % 50},{int(i < 3)}\n" for i in range(200)))
    assert "too few" in command("learn", path, "--label", "label", "--out", tmp_path / "m").error
