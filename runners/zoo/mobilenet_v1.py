"""MobileNetV1: a stack of depthwise separable convolutions.

Source: Howard et al., MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications,
arXiv:1704.04861, table 1. Parameter names and rounding of channels follow PaddleClas.
"""

from __future__ import annotations

from runners.zoo.graph import Graph, Tensor

STEM = 32
BLOCKS = (
    # output channels, stride
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (1024, 2),
    (1024, 1),
)


def mobilenet_v1(graph: Graph, x: Tensor, *, width: float) -> Tensor:
    """Logits of MobileNetV1 with every layer's channels multiplied by `width` and rounded down."""
    x = _conv_bn_relu(graph, x, "conv", int(STEM * width), kernel=3, stride=2)
    for index, (channels, stride) in enumerate(BLOCKS):
        block = f"blocks.{index}"
        x = _conv_bn_relu(graph, x, f"{block}.depthwise_conv", x.channels, kernel=3, stride=stride, groups=x.channels)
        x = _conv_bn_relu(graph, x, f"{block}.pointwise_conv", int(channels * width))
    return graph.classifier(graph.global_average_pool(x), "fc", 1000)


def _conv_bn_relu(
    graph: Graph, x: Tensor, name: str, channels: int, *, kernel: int = 1, stride: int = 1, groups: int = 1
) -> Tensor:
    x = graph.conv(x, f"{name}.conv", channels, kernel=kernel, stride=stride, groups=groups)
    return graph.relu(graph.batch_norm(x, f"{name}.bn"))
