"""The four figures of the published document, redone: top-1 against what a model costs."""

from apps.board.board_picture import Picture, usual_scale
from apps.board.charts import picture_specs
from apps.board.figures.base import Figure, Specs
from apps.board.figures.content import Content, Line, board_content
from apps.compare.sentence import Placed, front_sentence
from apps.results.leaderboard import Board

TOP1 = "top1.paddleclas-accuracy"
ABOUT = (
    "Each mark is a model; a line joins the plain models of a family in the order of their widths. The dashed line is "
    "the front: the most accuracy that there is at that cost or less. "
)
COPIES = "SSLD models cost what the same plain network costs: the document repeats those values."


def accuracy_figure(slug: str, cost_key: str, cost: str) -> Figure:
    """`cost` names the cost in a sentence, such as "latency on Snapdragon 855"."""

    def content(board: Board) -> Content:
        return board_content(board, (TOP1, cost_key), with_copies=True)

    def sentence(content: Content) -> str:
        return front_sentence(_placed(content, cost_key), cost)

    def specs(board: Board, everything: Content, shown: Content) -> Specs:
        x, y = board.by_key[cost_key], board.by_key[TOP1]
        picture = Picture(x, y, None, usual_scale(x), usual_scale(y), None, ())
        drawn = picture_specs(board, [line.row for line in shown.lines], picture)
        return {"spec": drawn["spec"], "narrow_spec": drawn["narrow"]["spec"]}

    return Figure(
        slug=slug,
        title=f"Top-1 against {cost}",
        about=ABOUT + COPIES,
        content=content,
        sentence=sentence,
        specs=specs,
        is_drawable=lambda content: bool(_complete(content, cost_key)),
    )


def _complete(content: Content, cost_key: str) -> list[Line]:
    return [line for line in content.lines if TOP1 in line.values and cost_key in line.values]


def _placed(content: Content, cost_key: str) -> list[Placed]:
    lines = _complete(content, cost_key)
    if not lines:
        return []
    # pandas takes a second to import: only a sentence that is not cached yet needs it.
    import pandas as pd

    from apps.compare.pareto import Objective, pareto_front

    frame = pd.DataFrame({key: [line.number(key) for line in lines] for key in (TOP1, cost_key)})
    on_front = pareto_front(frame, [Objective(TOP1, "max"), Objective(cost_key, "min")])
    pairs = zip(lines, on_front, strict=True)
    return [Placed(line.row.model, line.row.family_title, bool(is_on)) for line, is_on in pairs]


ACCURACY_FIGURES = (
    accuracy_figure("top1-latency-sd855", "latency.paddleclas-sd855-bs1", "latency on Snapdragon 855"),
    accuracy_figure("top1-storage", "storage.paddleclas-storage", "storage"),
    accuracy_figure("top1-flops", "flops_paddle.paddleclas-complexity", "FLOPs"),
    accuracy_figure("top1-parameters", "params_paddle.paddleclas-complexity", "parameters"),
)
