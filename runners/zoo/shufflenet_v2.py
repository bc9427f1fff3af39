"""ShuffleNetV2: channel split, depthwise convolution and channel shuffle, at equal channel widths.

Source: Ma et al., ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design, arXiv:1807.11164, table 5
and figure 3 (c, d). Parameter names and the widths that the paper does not have follow PaddleClas. Width 2.0 has the
paper's 224 channels in its first stage, as in the published table; PaddleClas changed it to 244 in May 2022.
"""

from __future__ import annotations

from collections.abc import Callable

from runners.zoo.graph import Graph, Tensor

STEM = 24
REPEATS = (4, 8, 4)
CHANNELS = {
    # width: output channels of the three stages, of the last convolution
    0.25: (24, 48, 96, 512),
    0.33: (32, 64, 128, 512),
    0.5: (48, 96, 192, 1024),
    1.0: (116, 232, 464, 1024),
    1.5: (176, 352, 704, 1024),
    2.0: (224, 488, 976, 2048),
}

_Activation = Callable[[Graph, Tensor], Tensor]


def shufflenet_v2(graph: Graph, x: Tensor, *, width: float, activation: _Activation = Graph.relu) -> Tensor:
    """Logits of ShuffleNetV2 at one of the tabulated widths."""
    *stages, last = CHANNELS[width]
    x = activation(graph, _conv_bn(graph, x, "_conv1", STEM, kernel=3, stride=2))
    x = graph.max_pool(x)
    for stage, (channels, repeats) in enumerate(zip(stages, REPEATS, strict=True), start=2):
        x = _downsample(graph, x, f"{stage}_1", channels, activation)
        for repeat in range(2, repeats + 1):
            x = _unit(graph, x, f"{stage}_{repeat}", activation)
    x = activation(graph, _conv_bn(graph, x, "_last_conv", last))
    return graph.classifier(graph.global_average_pool(x), "_fc", 1000)


def _unit(graph: Graph, x: Tensor, name: str, activation: _Activation) -> Tensor:
    """Figure 3 (c): one half of the channels passes through untouched."""
    kept, y = graph.halve(x)
    y = activation(graph, _conv_bn(graph, y, f"{name}._conv_pw", y.channels))
    y = _depthwise_bn(graph, y, f"{name}._conv_dw")
    y = activation(graph, _conv_bn(graph, y, f"{name}._conv_linear", y.channels))
    return graph.channel_shuffle(graph.concat(kept, y))


def _downsample(graph: Graph, x: Tensor, name: str, channels: int, activation: _Activation) -> Tensor:
    """Figure 3 (d): both branches read all channels and halve the resolution."""
    half = channels // 2
    left = _depthwise_bn(graph, x, f"{name}._conv_dw_1", stride=2)
    left = activation(graph, _conv_bn(graph, left, f"{name}._conv_linear_1", half))
    right = activation(graph, _conv_bn(graph, x, f"{name}._conv_pw_2", half))
    right = _depthwise_bn(graph, right, f"{name}._conv_dw_2", stride=2)
    right = activation(graph, _conv_bn(graph, right, f"{name}._conv_linear_2", half))
    return graph.channel_shuffle(graph.concat(left, right))


def _depthwise_bn(graph: Graph, x: Tensor, name: str, *, stride: int = 1) -> Tensor:
    return _conv_bn(graph, x, name, x.channels, kernel=3, stride=stride, groups=x.channels, gain=1.0)


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
