"""An evaluation for people: what was read, how good it is, in words that need no textbook."""

from collections.abc import Iterator

from pipeline.evaluation.document import order_text, warnings
from pipeline.evaluation.evaluate import Evaluation
from pipeline.evaluation.figures import Budget

_SHOWN_KINDS, _SHOWN_DROPPED = 12, 12


def told(result: Evaluation, name: str) -> Iterator[str]:
    """The lines, in order."""
    yield from _read(result, name)
    yield ""
    yield from _quality(result)
    yield ""
    yield from _budgets(result)
    if result.taught:
        yield ""
        yield from _with_labels(result)
    if result.compared:
        yield ""
        yield from _compared(result)
    if len(result.kinds) > 1:
        yield ""
        yield from _kinds(result)
    yield ""
    besides = "; with labels, none but those of rows long past" if result.taught else ""
    yield f"Each row was scored before the model learned it, and the model saw no label{besides}."


def _read(result: Evaluation, name: str) -> Iterator[str]:
    data, labels = result.data, result.data.labels
    attacks = int(labels.attack.sum())
    yield f"{name}: {data.form}, {data.frame.rows:,} rows, order {order_text(data)}"
    benign = ", ".join(repr(b) for b in labels.benign[:6]) + (" …" if len(labels.benign) > 6 else "")
    who = "taken as benign" if labels.guessed else "benign, as you said"
    share = attacks / data.frame.rows
    yield f"  label      {labels.column}: {benign} {who}; {attacks:,} rows ({share:.2%}) are attacks"
    kinds: dict[str, int] = {}
    for kind in data.frame.kinds.values():
        kinds[kind] = kinds.get(kind, 0) + 1
    used = ", ".join(f"{kind} {count:,}" for kind, count in sorted(kinds.items(), key=lambda k: -k[1]))
    yield f"  columns    {len(data.frame.kinds):,} used ({used})"
    dropped = [(n, why) for n, why in data.frame.dropped.items() if n != labels.column]
    for column, why in dropped[:_SHOWN_DROPPED]:
        yield f"  left out   {column}: {why}"
    if len(dropped) > _SHOWN_DROPPED:
        yield f"  left out   {len(dropped) - _SHOWN_DROPPED:,} more; --json has them all"
    for note in data.notes:
        yield f"  note       {note}"
    for warning in warnings(data):
        yield f"  WARNING    {warning}"


def _quality(result: Evaluation) -> Iterator[str]:
    ours, counted = result.ours, int(result.counts.sum())
    attacks = int((result.data.labels.attack & result.counts).sum())
    spread = ""
    if len(result.auc_by_seed) > 1:
        spread = f"  (seeds {min(result.auc_by_seed):.4f} to {max(result.auc_by_seed):.4f})"
    yield f"{counted:,} rows count, {attacks:,} of them attacks; the first {result.warmup:,} are warm-up"
    yield f"  ROC AUC             {ours.auc:.4f}{spread}   an attack scores above a benign row so often; guessing: 0.5"
    yield f"  average precision   {ours.ap:.4f}   how pure the highest scores are; guessing: {attacks / counted:.4f}"
    yield f"  cost                {ours.us_per_event:.2f} µs an event ({result.model})"


def _budgets(result: Evaluation) -> Iterator[str]:
    yield f"{'if these alerts are looked at':<32}{'alerts':>12}{'attacks found':>16}{'alerts right':>15}"
    for budget in result.ours.budgets:
        yield _line(budget)
    for share, caught in result.ours.caught_at.items():
        yield f"  {'false alarm on ' + share + ' of benign rows':<42}{caught:>16.1%}"
    if result.streamed is not None:
        s = result.streamed
        name = f"threshold learned for {s.alerts_per_day:g} a day"
        yield f"  {name:<30}{s.alerts:>12,}{s.recall:>16.1%}{s.precision:>15.1%}"
    if result.stated_rate is not None:
        yield f"  There is no event time: a day is stated to have {result.stated_rate:,.0f} rows (--rows-per-day)."
    elif result.days is not None:
        yield f"  The rows span {_span(result.days)}; a budget a day is its share of that, at least one alert."


def _line(budget: Budget) -> str:
    name = f"the highest, {budget.name}"
    return f"  {name:<30}{budget.alerts:>12,.0f}{budget.recall:>16.1%}{budget.precision:>15.1%}"


def _span(days: float) -> str:
    return (
        f"{days:,.1f} days"
        if days >= 1
        else f"{days * 24:,.1f} hours"
        if days > 0.05
        else f"{days * 1440:,.1f} minutes"
    )


def _with_labels(result: Evaluation) -> Iterator[str]:
    if result.taught is None:
        return
    taught, f = result.taught
    benign, attacks = taught.labels
    late = f"each {taught.late_rows:,} rows late ({f.model})"
    yield f"with labels of {attacks:,} attacks and {benign:,} benign rows, {late}"
    yield (
        f"  ROC AUC {f.auc:.4f}, average precision {f.ap:.4f}, {f.caught_at['1%']:.1%} of the attacks at a false alarm"
        f" on 1% of benign rows; {f.us_per_event:.2f} µs an event"
    )


def _compared(result: Evaluation) -> Iterator[str]:
    yield f"beside other detectors, on the same {result.compared_rows:,} rows"
    yield f"  {'model':<34}{'ROC AUC':>9}{'AP':>9}{'1 % of rows':>13}{'1 % false':>11}{'µs/event':>10}"
    for k, f in enumerate(result.compared):
        name = f.model if k else f"wardwatch ({f.model})"
        one = next(b.recall for b in f.budgets if b.name == "1% of rows")
        yield f"  {name:<34}{f.auc:>9.4f}{f.ap:>9.4f}{one:>13.1%}{f.caught_at['1%']:>11.1%}{f.us_per_event:>10,.1f}"


def _kinds(result: Evaluation) -> Iterator[str]:
    yield f"{'kinds of attack':<44}{'rows':>10}{'ROC AUC':>10}{'found at 1 % false alarms':>28}"
    for kind in result.kinds[:_SHOWN_KINDS]:
        yield f"  {kind.name[:40]:<42}{kind.rows:>10,}{kind.auc:>10.4f}{kind.caught:>28.1%}"
    if len(result.kinds) > _SHOWN_KINDS:
        yield f"  {len(result.kinds) - _SHOWN_KINDS:,} more kinds; --json has them"
