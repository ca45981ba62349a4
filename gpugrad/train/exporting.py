"""The model of a run as a model of ONNX: from rows of features to predictions, and nothing beside.

Features are standardised, and outputs become predictions, inside of it, by the same code as in
`TrainedModel.predict`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gpugrad.atomic import write_atomically
from gpugrad.errors import InvalidArgument
from gpugrad.interop import to_onnx
from gpugrad.ops.arrange import take
from gpugrad.ops.shape import astype
from gpugrad.train.description import Description
from gpugrad.train.network import Network
from gpugrad.train.run_data import Fitted
from gpugrad.train.target import Label

if TYPE_CHECKING:
    from onnx import ModelProto

DTYPES = ("float64", "float32")

INPUT, PREDICTION, PROBABILITIES = "features", "prediction", "probabilities"
NUMBER, CLASSES = "class_number", "class_names"


def exported(
    described: Description,
    network: Network,
    fitted: Fitted,
    path: str | PathLike[str] | None,
    dtype: str,
) -> ModelProto:
    """See `TrainedModel.to_onnx`; the network has its weights on the host."""
    if dtype not in DTYPES:
        raise InvalidArgument(f"dtype is {dtype!r}; expected one of {', '.join(DTYPES)}.")
    task, target, inputs = described.config.kind, described.target, described.inputs
    scaling = fitted.features
    labels = target.values() if target.labels else None
    text = labels is not None and labels.dtype.kind == "U"

    def predict(x: Any) -> Mapping[str, Any]:
        if not inputs.whole:
            x = astype(x, "float64")
            if scaling is not None:
                x = (x - scaling.mean) / scaling.scale
            x = astype(x, described.config.dtype)
        outputs = astype(network(x), "float64")
        found = task.predictions(outputs, fitted.targets)  # type: ignore[arg-type]  # of a trace
        values: Any = found.values
        if labels is None:
            values = task.decoded(values, target)
        elif not text:
            values = astype(take(labels, values), labels.dtype)
        if found.shares is None:
            return {PREDICTION: values}
        return {PREDICTION: values, PROBABILITIES: found.shares}

    example = np.zeros((2, *inputs.shape), "int64" if inputs.whole else dtype)
    metadata = {
        "task": task.name,
        "classes" if target.labels else "targets": json.dumps(target.names),
    }
    if inputs.encoder is not None:
        metadata["features"] = json.dumps(inputs.encoder.names)
        metadata["encoder"] = json.dumps(inputs.encoder.to_json())
    if inputs.pixels is not None:
        metadata["pixels"] = json.dumps(inputs.pixels.to_json())
    names = [NUMBER if text else PREDICTION, *([] if task.scaled else [PROBABILITIES])]
    made = to_onnx(
        predict, example, input_names=[INPUT], output_names=names, metadata=metadata
    )
    if text:
        _name_classes(made, target.labels)
    if path is not None:
        write_atomically(Path(path), made.SerializeToString())
    return made


def _name_classes(model: ModelProto, labels: Sequence[Label]) -> None:
    """Let the first output be the labels themselves, where these are texts: no array holds them."""
    from onnx import TensorProto, checker, helper

    graph = model.graph
    known = [str(label).encode() for label in labels]
    graph.initializer.append(
        helper.make_tensor(CLASSES, TensorProto.STRING, [len(known)], known)
    )
    graph.node.append(helper.make_node("Gather", [CLASSES, NUMBER], [PREDICTION], name=PREDICTION))
    shape = graph.output[0].type.tensor_type.shape
    said = helper.make_tensor_value_info(PREDICTION, TensorProto.STRING, [None])
    said.type.tensor_type.shape.CopyFrom(shape)
    graph.output[0].CopyFrom(said)
    checker.check_model(model, full_check=True)
