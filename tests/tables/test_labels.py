"""Which labels are benign: usual words are known, doubt is told and never guessed away."""

import numpy as np
import pyarrow as pa
import pytest

from pipeline.errors import UsageError
from pipeline.tables.labels import Labels, read_labels
from pipeline.tables.table import Table, binary


def labels(values: list[object] | np.ndarray, *benign: str) -> Labels:
    column = values if isinstance(values, np.ndarray) else pa.chunked_array([binary([str(v).encode() for v in values])])
    return read_labels(Table("CSV", {"l": column}, len(values)), "l", benign)


@pytest.mark.parametrize(
    ("values", "attack"),
    [
        (["normal", "neptune"], [0, 1]),
        (["BENIGN", "DDoS", "Web Attack – XSS"], [0, 1, 1]),
        (["normal.", "smurf."], [0, 1]),
        (["BenignTraffic", "DDoS-ICMP"], [0, 1]),
        (["flow=Background-UDP", "flow=From-Normal-V42", "flow=From-Botnet-V42"], [0, 0, 1]),
        (["Legitimate", "phishing"], [0, 1]),
        (["abnormal", "normal"], [1, 0]),
        (["0", "1"], [0, 1]),
        (["0.0", "1.0"], [0, 1]),
        (["False", "True"], [0, 1]),
        (["", "Exploits"], [0, 1]),
        (["-", "C&C"], [0, 1]),
        (["no", "yes"], [0, 1]),
        (["ham", "spam"], [0, 1]),
    ],
)
def test_usual_words(values: list[object], attack: list[int]) -> None:
    found = labels(values)
    assert found.attack.astype(int).tolist() == attack and found.guessed and found.known.all()


def test_numbers_and_given_values() -> None:
    assert labels(np.array([0.0, 1.0, 2.0])).attack.tolist() == [False, True, True]
    assert labels(np.array([1.0, -1.0]), "1").attack.tolist() == [False, True]
    given = labels(["a", "b", "c"], "B", "c")
    assert given.attack.tolist() == [True, False, False] and not given.guessed


def test_rows_without_a_label_do_not_count() -> None:
    found = labels(["normal", "", "attack"])
    assert found.known.tolist() == [True, False, True] and not found.attack[1]


@pytest.mark.parametrize(
    ("values", "benign", "said"),
    [
        (["-1", "1"], (), "benign in some data sets and an attack in others.*'-1', '1'.*--benign"),
        (["red", "blue"], (), "unclear.*'blue', 'red'"),
        (["0", "0"], (), "benign rows only"),
        (["a", "b"], ("x",), "no row of column l is 'x'.*'a', 'b'"),
        (["Normal", "b"], ("Norml",), "did you mean 'Normal'"),
        (["a", "b"], ("a", "b"), "benign rows only"),
        (list(range(3_000)), (), "too many for a label"),
    ],
)
def test_doubt_is_told(values: list[object], benign: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        labels(values, *benign)
