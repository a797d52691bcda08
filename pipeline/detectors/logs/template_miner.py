"""Drain (He et al., ICWS 2017) by drain3, one tree per key group, bounded, and saved as plain JSON.

drain3's own snapshot is unpickled by name of class, which a checkpoint from elsewhere must not be able to do.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from drain3.drain import Drain, LogCluster, Node

from pipeline.errors import CheckpointError
from pipeline.features.line_shape import WILDCARD

MAX_TEMPLATES = 1000  # per key group; the least recently mined gives way
MAX_WORDS = 48
MAX_WORD = 48
_DEPTH = 5  # length, program, first word
_SIMILARITY = 0.5


class TemplateMiner:
    """Words of a line → number of its template; similar lines share one. Costs 10–50 µs a line."""

    def __init__(self, groups: int) -> None:
        self._trees = [_new() for _ in range(groups)]
        self._spare = [MAX_TEMPLATES] * groups

    def template(self, group: int, words: list[str]) -> int:
        """Number of the line's template, 1 and up, the same for as long as it is remembered; learns the line."""
        tree = self._trees[group]
        line = [w[:MAX_WORD] for w in words[:MAX_WORDS]] or [WILDCARD]
        kept = tree.id_to_cluster
        number = _same(kept, line)
        if number is None:
            number = tree.add_log_message(" ".join(line))[0].cluster_id
        kept[number] = kept.pop(number)  # the dict's order is that of last use
        if len(kept) > MAX_TEMPLATES:
            del kept[next(iter(kept))]
            self._spare[group] -= 1
            if self._spare[group] == 0:
                self._regrow(group)
        return int(number)

    def _regrow(self, group: int) -> None:
        """Build the tree anew from what is remembered, so that branches of forgotten templates do not pile up."""
        tree = self._trees[group]
        tree.root_node = Node()
        for cluster in tree.id_to_cluster.values():
            tree.add_seq_to_prefix_tree(tree.root_node, cluster)
        self._spare[group] = MAX_TEMPLATES

    def state(self, group: int) -> dict[str, np.ndarray]:
        """The group's tree and templates as JSON text, uint8."""
        tree = self._trees[group]
        clusters = [[c.cluster_id, c.size, list(c.log_template_tokens)] for c in tree.id_to_cluster.values()]
        text = orjson.dumps([tree.clusters_counter, self._spare[group], clusters, _dump(tree.root_node)])
        return {"json": np.frombuffer(text, np.uint8).copy()}

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave; an empty state resets the group. CheckpointError: it does not read."""
        tree = _new()
        if not state:
            self._trees[group], self._spare[group] = tree, MAX_TEMPLATES
            return
        try:
            counter, spare, clusters, root = orjson.loads(np.asarray(state["json"], np.uint8).tobytes())
            tree.clusters_counter = int(counter)
            for number, size, words in clusters:
                cluster = LogCluster([str(w) for w in words], int(number))
                cluster.size = int(size)
                tree.id_to_cluster[int(number)] = cluster
            tree.root_node = _read(root)
            self._spare[group] = int(spare)
        except (KeyError, ValueError, TypeError) as error:
            raise CheckpointError("saved log templates do not read: start from an older checkpoint") from error
        self._trees[group] = tree


def _same(kept: Mapping[int, Any], line: Sequence[str]) -> int | None:
    """The template that is this very line. Where more than half of it are wildcards Drain would make another of it:
    only words that are the same count for it, and these are too few."""
    if _SIMILARITY * len(line) <= len(line) - line.count(WILDCARD):
        return None
    return next((number for number, cluster in kept.items() if tuple(line) == cluster.log_template_tokens), None)


def _new() -> Any:
    return Drain(depth=_DEPTH, sim_th=_SIMILARITY, max_children=100, param_str=WILDCARD)


def _dump(node: Any) -> list[Any]:
    return [list(node.cluster_ids), {key: _dump(child) for key, child in node.key_to_child_node.items()}]


def _read(saved: list[Any]) -> Any:
    node = Node()
    ids, children = saved
    node.cluster_ids = [int(i) for i in ids]
    node.key_to_child_node = {str(key): _read(child) for key, child in children.items()}
    return node
