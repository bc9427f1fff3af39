"""Real files, broken, huge or hostile, each in a real child process."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, external_data_helper, helper, numpy_helper

from runners.zoo import catalogue, inspect
from runners.zoo.inspect import InspectedNetwork, InspectedWeights
from runners.zoo.quantize import Calibration, quantize
from runners.zoo.refused import RefusedFileError

Shape = list[int | str]


def kernel(channels: int) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ones((channels, 4), np.float32), "w")


def network(
    *,
    image: Shape | None = None,
    logits: Shape | None = None,
    nodes: list[onnx.NodeProto] | None = None,
    weights: list[onnx.TensorProto] | None = None,
    domain: str = "",
) -> onnx.ModelProto:
    """A classifier of four classes that pools and multiplies."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, image or ["N", 3, 8, 8])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, logits or ["N", 4])
    usual = [
        helper.make_node("GlobalAveragePool", ["x"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("MatMul", ["f", "w"], ["y"]),
    ]
    parameters = [kernel(3)] if weights is None else weights
    graph = helper.make_graph(nodes or usual, "hand", [x], [y], initializer=parameters)
    imports = [helper.make_opsetid("", 13), *([helper.make_opsetid(domain, 1)] if domain else [])]
    return helper.make_model(graph, opset_imports=imports, ir_version=8)


def write(path: Path, model: onnx.ModelProto) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


def external(path: Path, location: str, *, length: int = 48) -> Path:
    model = network()
    external_data_helper.set_external_data(model.graph.initializer[0], location, offset=0, length=length)
    model.graph.initializer[0].ClearField("raw_data")
    return write(path, model)


def test_network_of_the_catalogue_is_described(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    written = catalogue.write("ShuffleNetV2_x0_25", path=path)

    inspected = inspect.inspect(path)

    assert isinstance(inspected, InspectedNetwork)
    assert (inspected.sha256, inspected.size_bytes) == (written.sha256, written.size_bytes)
    assert [(value.name, value.dtype, value.shape) for value in inspected.inputs] == [
        ("x", "float", ["N", 3, 224, 224])
    ]
    assert inspected.outputs[0].shape == ["N", 1000]
    assert (inspected.params, inspected.macs, inspected.classes) == (603_688, 17_575_760, 1000)
    assert (inspected.precision, inspected.opset, inspected.layout) == ("fp32", 13, "NCHW")
    assert inspected.weights == "random (seed unknown)"
    assert inspected.operators["Conv"] == inspected.operators["BatchNormalization"] == 56


def test_int8_network_says_so(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(quantize(catalogue.build("ShuffleNetV2_x0_25"), calibration=Calibration()))

    assert inspect.inspect(path).precision == "int8"


def test_open_sizes_are_counted_at_the_stated_ones(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"]),
        helper.make_node("GlobalAveragePool", ["c"], ["p"]),
        helper.make_node("Flatten", ["p"], ["y"]),
    ]
    weight = numpy_helper.from_array(np.ones((4, 3, 1, 1), np.float32), "w")
    path = write(tmp_path / "m.onnx", network(image=["N", 3, "H", -1], nodes=nodes, weights=[weight]))

    default, stated = inspect.inspect(path), inspect.inspect(path, input_shape=(3, 48, 192))

    assert isinstance(default, InspectedNetwork)
    assert isinstance(stated, InspectedNetwork)
    assert (default.input_shape, default.macs) == ([3, 224, 224], 12 * 224 * 224)
    assert (stated.input_shape, stated.macs) == ([3, 48, 192], 12 * 48 * 192)
    assert stated.inputs[0].shape == ["N", 3, "H", None]


def test_fixed_batch_is_counted_for_one_image(tmp_path: Path) -> None:
    counted = [
        inspect.inspect(write(tmp_path / f"{batch}.onnx", network(image=[batch, 3, 8, 8], logits=[batch, 4])))
        for batch in ("N", 8)
    ]

    assert all(isinstance(each, InspectedNetwork) and each.macs and each.uncountable is None for each in counted)
    assert counted[0].model_dump(include={"macs", "params"}) == counted[1].model_dump(include={"macs", "params"})


def test_sizes_that_the_file_fixes_cannot_be_stated_otherwise(tmp_path: Path) -> None:
    with pytest.raises(RefusedFileError, match=r"takes images of \[3, 8, 8\], not of \[3, 9, 9\]"):
        inspect.inspect(write(tmp_path / "m.onnx", network()), input_shape=(3, 9, 9))


def test_channels_last_is_recognised(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]),
        helper.make_node("GlobalAveragePool", ["t"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("MatMul", ["f", "w"], ["y"]),
    ]

    inspected = inspect.inspect(write(tmp_path / "m.onnx", network(image=["N", 8, 8, 3], nodes=nodes)))

    assert isinstance(inspected, InspectedNetwork)
    assert (inspected.layout, inspected.input_shape) == ("NHWC", [8, 8, 3])


@pytest.mark.parametrize(
    ("image", "groups", "says"),
    [
        (["N", 224, 224, 3], 1, "takes 3 channels and gets 224. In ONNX a convolution's channels come second"),
        (["N", 3, 8, 8], 2, "takes 6 channels and gets 3"),
    ],
)
def test_convolution_that_gets_other_channels_than_it_takes_is_refused(
    tmp_path: Path, image: Shape, groups: int, says: str
) -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], group=groups),
        helper.make_node("GlobalAveragePool", ["c"], ["p"]),
        helper.make_node("Flatten", ["p"], ["y"]),
    ]
    weight = numpy_helper.from_array(np.ones((4, 3, 3, 3), np.float32), "w")

    with pytest.raises(RefusedFileError, match=f"m.onnx is refused. The convolution 'c' {says}"):
        inspect.inspect(write(tmp_path / "m.onnx", network(image=image, nodes=nodes, weights=[weight])))


def test_network_that_cannot_be_counted_is_taken_and_says_why(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("ConvTranspose", ["x", "w"], ["c"]),
        helper.make_node("GlobalAveragePool", ["c"], ["p"]),
        helper.make_node("Flatten", ["p"], ["y"]),
    ]
    weight = numpy_helper.from_array(np.ones((3, 4, 1, 1), np.float32), "w")

    inspected = inspect.inspect(write(tmp_path / "m.onnx", network(nodes=nodes, weights=[weight])))

    assert isinstance(inspected, InspectedNetwork)
    assert inspected.macs is None
    assert "ConvTranspose" in (inspected.uncountable or "")


def test_external_data_beside_the_file_belongs_to_it(tmp_path: Path) -> None:
    content = np.ones((3, 4), np.float32).tobytes()
    (tmp_path / "m.data").write_bytes(content)

    inspected = inspect.inspect(external(tmp_path / "m.onnx", "m.data"))

    assert isinstance(inspected, InspectedNetwork)
    assert [(file.name, file.size_bytes) for file in inspected.external_files] == [("m.data", 48)]
    assert inspected.external_files[0].sha256 == hashlib.sha256(content).hexdigest()
    assert inspected.params == 12


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("", "outside the file's own folder"),
        ("/etc/passwd", "outside the file's own folder"),
        ("../secret.data", "outside the file's own folder"),
        ("in/../../secret.data", "outside the file's own folder"),
        ("C:\\\\secret.data", "outside the file's own folder"),
        ("link.data", "symbolic link"),
        ("folder/secret.data", "outside the file's own folder"),
        ("missing.data", "is missing"),
        ("short.data", "beyond the end"),
    ],
)
def test_external_data_elsewhere_is_refused(tmp_path: Path, location: str, says: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.data").write_bytes(bytes(48))
    (inside / "link.data").symlink_to(tmp_path / "secret.data")
    (inside / "folder").symlink_to(tmp_path, target_is_directory=True)
    (inside / "short.data").write_bytes(bytes(47))

    with pytest.raises(RefusedFileError, match=says):
        inspect.inspect(external(inside / "m.onnx", location))


def nested(levels: int) -> onnx.ModelProto:
    """A branch in a branch in a branch ..."""
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 4])
    inner = network().graph.node
    graph = helper.make_graph(list(inner), "inner", [], [output])
    for _ in range(levels):
        node = helper.make_node("If", ["c"], ["y"], then_branch=graph, else_branch=helper.make_graph([], "e", [], []))
        graph = helper.make_graph([node], "level", [], [output])
    condition = numpy_helper.from_array(np.array(True), "c")
    return network(nodes=list(graph.node), weights=[*network().graph.initializer, condition])


def message(field: int, content: bytes) -> bytes:
    """A length-delimited field of a protobuf message."""
    size, length = len(content), b""
    while size >= 128:
        size, length = size >> 7, length + bytes([size & 127 | 128])
    return bytes([field << 3 | 2]) + length + bytes([size]) + content


def bottomless() -> bytes:
    """A graph in an attribute of a node of a graph, 2,000 times: deeper than any parser's stack should go."""
    graph = b""
    for _ in range(2_000):
        graph = message(1, message(5, message(6, graph)))
    return b"\x08\x08" + message(7, graph)


def two_inputs() -> onnx.ModelProto:
    model = network()
    model.graph.input.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, ["N", 3, 8, 8]))
    return model


def two_outputs() -> onnx.ModelProto:
    model = network()
    model.graph.output.append(helper.make_tensor_value_info("f", TensorProto.FLOAT, ["N", 3]))
    return model


def functions() -> onnx.ModelProto:
    model = network()
    body = [helper.make_node("Relu", ["a"], ["b"])]
    model.functions.append(helper.make_function("own", "F", ["a"], ["b"], body, [helper.make_opsetid("", 13)]))
    return model


def enlarged() -> onnx.ModelProto:
    """Asks for 64 TB by 16 bytes of data."""
    shape = numpy_helper.from_array(np.array([4_000_000, 4_000_000], np.int64), "s")
    nodes = [
        helper.make_node("ConstantOfShape", ["s"], ["big"]),
        helper.make_node("ReduceMax", ["big"], ["m"], keepdims=0),
        *network().graph.node[:2],
        helper.make_node("MatMul", ["f", "w"], ["l"]),
        helper.make_node("Add", ["l", "m"], ["y"]),
    ]
    return network(nodes=nodes, weights=[*network().graph.initializer, shape])


def hollow() -> onnx.ModelProto:
    return network(weights=[TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3, 4])])


def declared(*dims: int) -> onnx.ModelProto:
    return network(weights=[TensorProto(name="w", data_type=TensorProto.FLOAT, dims=dims, raw_data=bytes(48))])


def unknown_type() -> onnx.ModelProto:
    return network(weights=[TensorProto(name="w", data_type=99, dims=[3, 4], raw_data=bytes(48))])


def unknown_operator() -> onnx.ModelProto:
    return network(nodes=[helper.make_node("Divine", ["x"], ["y"])])


def contradicting() -> onnx.ModelProto:
    return network(image=["N", 3, 8, 8], weights=[kernel(5)])


def custom_operator() -> onnx.ModelProto:
    node = helper.make_node("Gelu", ["x"], ["y"], domain="com.microsoft")
    return network(nodes=[node], domain="com.microsoft")


def chain(length: int) -> onnx.ModelProto:
    nodes = [helper.make_node("Relu", [f"r{i}"], [f"r{i + 1}"]) for i in range(length)]
    nodes[0].input[0] = "x"
    return network(nodes=nodes)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (two_inputs, "has 2 inputs"),
        (two_outputs, "has 2 outputs"),
        (lambda: network(image=["N", 8, 8, 8], weights=[kernel(8)]), "1 or 3 channels"),
        (lambda: network(image=["N", 3, 8, 8], logits=["N", 5]), "contradict"),
        (lambda: network(nodes=[helper.make_node("Relu", ["x"], ["y"])], logits=["N", 3, 8, 8]), "logits are"),
        (lambda: network(image=["N", 3, 10**6, 10**6]), "elements"),
        (functions, "functions of its own"),
        (enlarged, "'big' would have"),
        (hollow, "does not hold the 12 elements"),
        (lambda: declared(3, 10**12), "would have 3,000,000,000,000 elements"),
        (lambda: declared(3, -4), "negative size"),
        (lambda: declared(3, 5), "does not hold the 15 elements"),
        (unknown_type, "no known type of data"),
        (unknown_operator, "checker refuses.*Divine"),
        (contradicting, "contradict"),
        (custom_operator, "'Gelu' of the domain 'com.microsoft'"),
        (lambda: nested(6), "nested more than 4 levels"),
        (lambda: chain(100_001), "more than 100,000 nodes"),
    ],
)
def test_what_is_no_classifier_is_refused_in_one_sentence(
    tmp_path: Path, make: Callable[[], onnx.ModelProto], says: str
) -> None:
    path = write(tmp_path / "m.onnx", make())

    with pytest.raises(RefusedFileError, match=says):
        inspect.inspect(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "has 0 bytes"),
        (b"Not a network at all, but a text.", "no ONNX file"),
        (catalogue.serialize(catalogue.build("ShuffleNetV2_x0_25"))[:-1000], "no ONNX file"),
        (b"\x3a\x82\x80\x80\x80\x08" * 10_000, "no ONNX file"),
        (b"\x08\x08", "without a graph"),
        (bottomless(), "no ONNX file"),
    ],
    ids=["empty", "text", "truncated", "garbage", "no graph", "bottomless"],
)
def test_file_that_is_not_onnx_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "m.onnx").write_bytes(content)

    with pytest.raises(RefusedFileError, match=says):
        inspect.inspect(tmp_path / "m.onnx")


def test_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    content = network(image=["NAME", 3, 8, 8]).SerializeToString()
    (tmp_path / "m.onnx").write_bytes(content.replace(b"NAME", b"\xff\xfe\xfd\xfc"))

    with pytest.raises(RefusedFileError, match=r"valid text|no ONNX file"):
        inspect.inspect(tmp_path / "m.onnx")


def test_file_above_the_limit_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "m.onnx").open("wb") as file:
        file.truncate(inspect.LARGEST_FILE_BYTES + 1)

    with pytest.raises(RefusedFileError, match="must have 1 to"):
        inspect.inspect(tmp_path / "m.onnx")


def test_file_that_needs_too_much_time_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspect, "TIMEOUT_S", 0.05)

    with pytest.raises(RefusedFileError, match="not read within"):
        inspect.inspect(write(tmp_path / "m.onnx", network()))


@pytest.mark.parametrize("name", ["missing.onnx", "notes.txt"])
def test_file_that_cannot_be_a_network_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("x")

    with pytest.raises(RefusedFileError, match=name):
        inspect.inspect(tmp_path / name)


def test_weight_file_says_which_architectures_it_fits(tmp_path: Path) -> None:
    model = catalogue.build("ShuffleNetV2")
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    (tmp_path / "w.pdparams").write_bytes(pickle.dumps(arrays, protocol=4))

    inspected = inspect.inspect(tmp_path / "w.pdparams")

    assert isinstance(inspected, InspectedWeights)
    assert inspected.architectures == ["ShuffleNetV2", "ShuffleNetV2_swish"]
    assert inspected.tensors == len(arrays)
    assert inspected.values == sum(array.size for array in arrays.values())


def test_weight_file_with_code_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "w.pdparams").write_bytes(b"cos\nmkdir\n(V" + str(tmp_path / "owned").encode() + b"\ntR.")

    with pytest.raises(RefusedFileError, match="Do not trust this file"):
        inspect.inspect(tmp_path / "w.pdparams")

    assert not (tmp_path / "owned").exists()
