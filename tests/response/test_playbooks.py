"""Playbook files: what ships is whole, what is wrong is told with its line and what to write instead."""

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import texts

from pipeline.errors import ConfigError
from pipeline.response.briefing import brief_of
from pipeline.response.condition import VARIABLES, compiled
from pipeline.response.kinds import KINDS
from pipeline.response.playbook import ActionStep, Playbook
from pipeline.response.playbook_set import PlaybookSet, read_playbooks, shipped_playbooks
from response.stage import incident, party, text
from schemas.incident import PERSONAL, IncidentKind

GOOD = """type: playbook
spec_version: cacao-2.0
id: playbook--mine
name: Mine
workflow_start: start--a
workflow:
  start--a:
    type: start
    on_completion: action--b
  action--b:
    type: action
    commands: [{type: wardwatch, command: isolate_host}]
    targets: [net-address--h]
    on_success: end--z
    x_wardwatch: {hold_h: 2}
  end--z:
    type: end
target_definitions:
  net-address--h:
    type: net-address
    x_wardwatch: {parties: [host]}
x_wardwatch: {kinds: [ransomware], min_severity: 4}
"""


def test_the_one_of_the_page_is_read_and_the_page_names_every_action_and_variable() -> None:
    page = (Path(__file__).parents[2] / "infra" / "playbooks.md").read_text()
    assert isinstance(text(page.partition("```yaml\n")[2].partition("```")[0]), Playbook)
    assert not [name for name in (*KINDS, *VARIABLES) if f"`{name}`" not in page]


def test_a_good_one_is_read() -> None:
    assert isinstance(text(GOOD), Playbook)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("on_success: end--z", "on_success: end--q", 10, "there is no step 'end--q'"),
        ("command: isolate_host", "command: isolate", 12, "'isolate' is no action; there are notify"),
        ("on_success: end--z", "on_sucess: end--z", 14, "did you mean 'on_success'?"),
        ("min_severity: 4", "min_severity: 9", 22, "less than or equal to 5"),
        ("parties: [host]", "parties: [patient]", 21, "input should be 'ip'"),
        ("type: end", "type: while-condition", 16, "not carried out: use steps in a row"),
        ("type: end", "type: ende", 16, "type is one of start, end"),
        ("workflow_start: start--a", "workflow_start: action--b", 5, "no step of type start"),
        ("    on_success: end--z\n", "    on_success: start--a\n", 7, "in a circle"),
        ("    on_success: end--z\n", "", 15, "no step leads to it"),
        ("targets: [net-address--h]", "targets: [net-address--x]", 10, "not among target_definitions"),
        ("parties: [host]", "parties: [user]", 10, "isolate_host is done to host"),
        ("    targets: [net-address--h]\n", "", 10, "needs `targets`"),
        ("name: Mine", "name: &x Mine\ncreated_by: *x", 5, "no aliases"),
        ("name: Mine", "name: Mine\nname: Yours", 5, "stands here twice"),
        ("name: Mine", "name: [", 6, "not YAML"),
        ("name: Mine\n", "", 1, "name: is missing"),
        ("id: playbook--mine", "id: mine", 3, "write it as playbook--a-word"),
        ("kinds: [ransomware]", "kinds: [ransomwear]", 22, "ransomware"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, line: int, said: str) -> None:
    problems = text(GOOD.replace(old, new))
    assert isinstance(problems, list), "it was taken"
    told = [str(p) for p in problems]
    assert any(f"x.yaml:{line}:" in t and said in t for t in told), told


@settings(max_examples=40)
@given(st.one_of(texts, st.text(max_size=200), st.integers(0, len(GOOD)).map(lambda n: GOOD[:n])))
def test_no_text_breaks_the_reader(content: str) -> None:
    assert text(content)


@settings(max_examples=40)
@given(st.sampled_from(GOOD.splitlines()), st.sampled_from(GOOD.splitlines()))
def test_no_swap_of_lines_breaks_the_reader(one: str, other: str) -> None:
    assert text(GOOD.replace(one, other))


def test_what_ships_covers_every_kind_and_leaves_people_to_people() -> None:
    playbooks = PlaybookSet(shipped_playbooks())
    for kind in get_args(IncidentKind):
        assert playbooks.select(brief_of(incident(kind), 1.0)) is not None
    for playbook in playbooks:
        for step in playbook.workflow.values():
            if not isinstance(step, ActionStep):
                continue
            parties = {p for t in step.targets for p in playbook.target_definitions[t].x_wardwatch.parties}
            if parties & PERSONAL:
                assert step.x_wardwatch.approvals >= 2, (playbook.id, step)
            if KINDS[step.command].undoable:
                assert step.x_wardwatch.hold_h, (playbook.id, step)


def test_selection_by_severity_kind_class_and_priority() -> None:
    def made(key: str, rest: str) -> Playbook:
        return text(
            GOOD.replace("playbook--mine", f"playbook--{key}").rpartition("x_wardwatch")[0] + f"x_wardwatch: {rest}"
        )

    playbooks = PlaybookSet([
        made("all", "{}"), made("grave", "{min_severity: 4}"), made("pump", "{device_classes: [infusion_pump]}"),
        made("first", "{kinds: [billing], priority: 9}"), made("silent", "{notify_only: false, priority: -9}"),
    ])  # fmt: skip
    chosen = [
        playbooks.select(brief_of(incident(kind, subject, severity=grave, notify=notify), 1.0))
        for kind, subject, grave, notify in (
            ("other", None, 1, True), ("other", None, 4, True), ("billing", None, 5, True), ("other", None, 5, False),
            ("device", party("device", "p", device_class="infusion_pump"), 1, True),
        )
    ]  # fmt: skip
    assert [p.key for p in chosen if p] == ["all", "grave", "first", "silent", "pump"]


def test_a_users_folder_adds_and_replaces(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yml").write_text(GOOD.replace("playbook--mine", "playbook--default").replace("Mine", "Changed"))
    playbooks = PlaybookSet.load([tmp_path])
    assert len(playbooks) == len(shipped_playbooks()) + 1
    assert playbooks.by_key["default"].name == "Changed"
    assert len(PlaybookSet.load([tmp_path], shipped=False)) == 2
    (tmp_path / "c.yaml").write_text(GOOD)
    _, problems = read_playbooks([tmp_path])
    assert "has the id playbook--mine, too" in str(problems[0])
    (tmp_path / "d.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"and 1 more"):
        PlaybookSet.load([tmp_path])


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("__severity__:value >= 4", True),
        ("__severity__:value < 4 OR __kind__:value = 'ransomware'", True),
        ("NOT (__severity__:value < 4 OR __kind__:value = 'ransomware')", False),
        ("__kind__:value IN ('device', 'ransomware') AND __life_support__:value = false", True),
        ("__risk__:value > 90.5", False),
        ("[__device_class__:value != 'ventilator']", True),
    ],
)
def test_conditions(condition: str, holds: bool) -> None:
    assert compiled(condition)(brief_of(incident(), 1.0)) is holds


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("", "empty"),
        ("severity > 3", "cannot read"),
        ("__nothing__:value = 1", "there are __kind__:value"),
        ("__severity__:value = 'high'", "a number"),
        ("__kind__:value > 'a'", "no number"),
        ("__kind__:value = 'a' __kind__:value = 'b'", "AND or OR"),
        ("(__severity__:value = 1", "not closed"),
        ("__kind__:value IN 'a'", "IN needs a list"),
        ("__severity__:value", "comes one of"),
    ],
)
def test_conditions_that_are_none_say_what_to_write(condition: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        compiled(condition)


@given(texts)
def test_no_condition_breaks_the_reader(content: str) -> None:
    try:
        compiled(content)
    except ValueError as error:
        assert str(error)
