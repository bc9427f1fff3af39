"""MobileNetV2: inverted residuals with linear bottlenecks.

Source: Sandler et al., MobileNetV2: Inverted Residuals and Linear Bottlenecks, arXiv:1801.04381, tables 1 and 2.
Parameter names and rounding of channels follow PaddleClas, which keeps the expansion convolution of the first
block (expansion 1) and widens the last convolution only for a width above 1.
"""

from __future__ import annotations

from runners.zoo.graph import Graph, Tensor

STEM = 32
LAST = 1280
STAGES = (
    # expansion, output channels, repeats, stride of the first block
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def mobilenet_v2(graph: Graph, x: Tensor, *, width: float) -> Tensor:
    """Logits of MobileNetV2 with the channels of every block multiplied by `width` and rounded down."""
    x = graph.relu6(_conv_bn(graph, x, "conv1", int(STEM * width), kernel=3, stride=2))
    for number, (expansion, channels, repeats, stride) in enumerate(STAGES, start=2):
        stage = f"conv{number}"
        out = int(channels * width)
        x = _bottleneck(graph, x, f"{stage}._first_block", out, expansion=expansion, stride=stride)
        for repeat in range(2, repeats + 1):
            residual = _bottleneck(graph, x, f"{stage}.{stage}_{repeat}", out, expansion=expansion)
            x = graph.add(x, residual)
    x = graph.relu6(_conv_bn(graph, x, "conv9", int(LAST * max(width, 1.0))))
    return graph.classifier(graph.global_average_pool(x), "out", 1000)


def _bottleneck(graph: Graph, x: Tensor, name: str, channels: int, *, expansion: int, stride: int = 1) -> Tensor:
    hidden = x.channels * expansion
    y = graph.relu6(_conv_bn(graph, x, f"{name}._expand_conv", hidden))
    y = _conv_bn(graph, y, f"{name}._bottleneck_conv", hidden, kernel=3, stride=stride, groups=hidden)
    return _conv_bn(graph, graph.relu6(y), f"{name}._linear_conv", channels, gain=1.0)


def _conv_bn(
    graph: Graph,
    x: Tensor,
    name: str,
    channels: int,
    *,
    kernel: int = 1,
    stride: int = 1,
    groups: int = 1,
    gain: float = 2.0,
) -> Tensor:
    x = graph.conv(x, f"{name}._conv", channels, kernel=kernel, stride=stride, groups=groups, gain=gain)
    return graph.batch_norm(x, f"{name}._batch_norm")
