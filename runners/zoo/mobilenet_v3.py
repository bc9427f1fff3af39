"""MobileNetV3, large and small: searched inverted residuals with squeeze-and-excitation and hard-swish.

Source: Howard et al., Searching for MobileNetV3, arXiv:1905.02244, tables 1 (large) and 2 (small). PaddleClas, whose
parameter names are used here, differs from the paper: the squeeze is a quarter of the channels, unrounded; its
gate is a hard sigmoid of slope 0.2; the last convolution has 1280 channels in both networks and at every width.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runners.zoo.graph import Graph, Tensor

STEM = 16
LAST = 1280
KEEP_PROBABILITY = 0.8
"""Paddle's `downscale_in_infer` dropout multiplies by this when it infers."""

_Activation = Callable[[Graph, Tensor], Tensor]
_RELU, _HARD_SWISH = Graph.relu, Graph.hard_swish


@dataclass(frozen=True)
class Block:
    kernel: int
    expansion: int
    channels: int
    squeezes: bool
    activation: _Activation
    stride: int


LARGE = (
    Block(3, 16, 16, False, _RELU, 1),
    Block(3, 64, 24, False, _RELU, 2),
    Block(3, 72, 24, False, _RELU, 1),
    Block(5, 72, 40, True, _RELU, 2),
    Block(5, 120, 40, True, _RELU, 1),
    Block(5, 120, 40, True, _RELU, 1),
    Block(3, 240, 80, False, _HARD_SWISH, 2),
    Block(3, 200, 80, False, _HARD_SWISH, 1),
    Block(3, 184, 80, False, _HARD_SWISH, 1),
    Block(3, 184, 80, False, _HARD_SWISH, 1),
    Block(3, 480, 112, True, _HARD_SWISH, 1),
    Block(3, 672, 112, True, _HARD_SWISH, 1),
    Block(5, 672, 160, True, _HARD_SWISH, 2),
    Block(5, 960, 160, True, _HARD_SWISH, 1),
    Block(5, 960, 160, True, _HARD_SWISH, 1),
)
SMALL = (
    Block(3, 16, 16, True, _RELU, 2),
    Block(3, 72, 24, False, _RELU, 2),
    Block(3, 88, 24, False, _RELU, 1),
    Block(5, 96, 40, True, _HARD_SWISH, 2),
    Block(5, 240, 40, True, _HARD_SWISH, 1),
    Block(5, 240, 40, True, _HARD_SWISH, 1),
    Block(5, 120, 48, True, _HARD_SWISH, 1),
    Block(5, 144, 48, True, _HARD_SWISH, 1),
    Block(5, 288, 96, True, _HARD_SWISH, 2),
    Block(5, 576, 96, True, _HARD_SWISH, 1),
    Block(5, 576, 96, True, _HARD_SWISH, 1),
)


def mobilenet_v3_large(graph: Graph, x: Tensor, *, width: float) -> Tensor:
    return _mobilenet_v3(graph, x, LARGE, width=width)


def mobilenet_v3_small(graph: Graph, x: Tensor, *, width: float) -> Tensor:
    return _mobilenet_v3(graph, x, SMALL, width=width)


def _mobilenet_v3(graph: Graph, x: Tensor, blocks: tuple[Block, ...], *, width: float) -> Tensor:
    x = graph.hard_swish(_conv_bn(graph, x, "conv", _divisible(STEM * width), kernel=3, stride=2))
    for index, block in enumerate(blocks):
        x = _bottleneck(graph, x, f"blocks.{index}", block, width=width)
    # The paper's last bottleneck-wide convolution has as many channels as the last block expands to.
    x = graph.hard_swish(_conv_bn(graph, x, "last_second_conv", _divisible(blocks[-1].expansion * width)))
    x = graph.hard_swish(graph.conv(graph.global_average_pool(x), "last_conv", LAST))
    return graph.classifier(graph.scale(x, KEEP_PROBABILITY), "fc", 1000)


def _bottleneck(graph: Graph, x: Tensor, name: str, block: Block, *, width: float) -> Tensor:
    hidden, channels = _divisible(block.expansion * width), _divisible(block.channels * width)
    y = block.activation(graph, _conv_bn(graph, x, f"{name}.expand_conv", hidden))
    y = _conv_bn(graph, y, f"{name}.bottleneck_conv", hidden, kernel=block.kernel, stride=block.stride, groups=hidden)
    y = block.activation(graph, y)
    if block.squeezes:
        y = _squeeze_excite(graph, y, f"{name}.mid_se")
    # Random gates are about one half, which a larger gain makes up for.
    y = _conv_bn(graph, y, f"{name}.linear_conv", channels, gain=2.5 if block.squeezes else 1.0)
    return graph.add(x, y) if block.stride == 1 and x.channels == channels else y


def _squeeze_excite(graph: Graph, x: Tensor, name: str) -> Tensor:
    gate = graph.conv(graph.global_average_pool(x), f"{name}.conv1", x.channels // 4, bias=True)
    gate = graph.conv(graph.relu(gate), f"{name}.conv2", x.channels, bias=True, gain=1.0)
    return graph.multiply(x, graph.hard_sigmoid(gate))


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
    x = graph.conv(x, f"{name}.conv", channels, kernel=kernel, stride=stride, groups=groups, gain=gain)
    return graph.batch_norm(x, f"{name}.bn")


def _divisible(channels: float, divisor: int = 8) -> int:
    """The nearest multiple of `divisor`, one step up where that would lose more than a tenth."""
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * channels else rounded
