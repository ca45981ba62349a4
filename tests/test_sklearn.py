"""The estimators for scikit-learn: its own checks, and the tools that people use them with."""

from __future__ import annotations

import copy
import pickle
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_iris, load_linnerud
from sklearn.ensemble import BaggingClassifier, StackingRegressor, VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.multioutput import ClassifierChain
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from test_docstrings import check, undocumented

import gpugrad as gg
from gpugrad.errors import DataError, InvalidArgument
from gpugrad.sklearn import GpugradClassifier, GpugradRegressor
from gpugrad.train import Config, TrainedModel, fit
from gpugrad.train.data_settings import DataSettings

BOTH = [GpugradClassifier, GpugradRegressor]
IRIS, NAMES = load_iris(return_X_y=True), load_iris().target_names
DIABETES = load_diabetes(return_X_y=True)
QUICK: dict[str, Any] = {"hidden": (16,), "epochs": 40, "lr": 0.01, "random_state": 0}

NOT_REPEATED = (
    "steps are on small batches, drawn from the rows: a row of weight 2 is in one of them, and "
    "that row twice may be in two; and features are standardised without weights"
)


def expected_failures(estimator: Any) -> dict[str, str]:
    return {"check_sample_weight_equivalence_on_dense_data": NOT_REPEATED}


@parametrize_with_checks(
    [GpugradClassifier(), GpugradRegressor()], expected_failed_checks=expected_failures
)
def test_the_checks_of_scikit_learn_pass(estimator: Any, check: Any) -> None:
    check(estimator)


# Parameters


OF_FILES = set(signature(DataSettings).parameters) - {"standardise"}
"""Settings that say where data are, and what is used of tables and images."""

DECIDED = {"task", "split", "test", "seed"}
"""Settings that follow from the estimator, from the tools around it, and from `random_state`."""

OF_LABELS = {"label_smoothing", "class_weight"}

MEANT_OTHERWISE = {"validation": 0.0, "class_weight": None}
"""As of `fit`, and as of estimators."""


def test_parameters_are_the_settings_with_their_defaults() -> None:
    settings = {name: each.default for name, each in signature(Config).parameters.items()}
    kept = {name: x for name, x in settings.items() if name not in OF_FILES | DECIDED}
    wanted = kept | MEANT_OTHERWISE | {"random_state": None, "verbose": False}
    assert GpugradClassifier().get_params() == wanted
    for name in OF_LABELS:
        del wanted[name]
    assert GpugradRegressor().get_params() == wanted


@pytest.mark.parametrize("made", BOTH)
def test_the_constructor_stores_what_it_is_given(made: type) -> None:
    widths = [8]
    estimator = made(widths, lr=0.1)
    assert estimator.hidden is widths
    assert estimator.get_params()["lr"] == 0.1
    assert clone(estimator).get_params() == estimator.get_params()
    assert repr(estimator) == f"{made.__name__}(hidden=[8], lr=0.1)"
    assert made.__name__ in estimator._repr_html_()
    assert estimator != made([8], lr=0.1)           # as all estimators
    with pytest.raises(ValueError, match="Invalid parameter 'depth'"):
        estimator.set_params(depth=3)


def test_estimators_say_what_they_are() -> None:
    assert is_classifier(GpugradClassifier())
    assert is_regressor(GpugradRegressor())


# What is learned


def test_the_model_is_that_of_fit_with_the_seed() -> None:
    x, y = IRIS
    classifier = GpugradClassifier(**QUICK).fit(x, y)
    model = fit(x, y, hidden=(16,), epochs=40, lr=0.01, seed=0)
    assert classifier.loss_curve_ == [record.train_loss for record in model.records]
    assert classifier.n_iter_ == len(classifier.records_) == 40
    assert isinstance(classifier.model_, TrainedModel)
    np.testing.assert_allclose(
        classifier.predict_proba(x), model.predict_proba(x), rtol=1e-3, atol=1e-6
    )


@pytest.mark.parametrize(
    "labels",
    [NAMES, NAMES.astype(object), np.array([3, 5, 9], np.uint8), np.array([-1.0, 0.0, 2.0])],
    ids=["texts", "objects", "bytes", "floats"],
)
def test_labels_come_back_as_they_were(labels: np.ndarray) -> None:
    x, y = IRIS
    classifier = GpugradClassifier(**QUICK).fit(x, labels[y])
    assert classifier.classes_.dtype == labels.dtype
    assert classifier.classes_.tolist() == labels.tolist()
    found = classifier.predict(x)
    assert found.dtype == labels.dtype
    assert (found == labels[y]).mean() > 0.9
    assert classifier.predict_proba(x).shape == (150, 3)


def test_the_model_has_the_labels_for_the_command_line(tmp_path: Path) -> None:
    x, y = IRIS
    classifier = GpugradClassifier(**QUICK).fit(x, NAMES[y])
    classifier.model_.save(tmp_path / "iris")
    again = TrainedModel.load(tmp_path / "iris")
    assert again.classes == tuple(NAMES)
    assert (again.predict(x) == classifier.predict(x)).all()


def test_two_classes_have_one_logit() -> None:
    x, y = IRIS
    classifier = GpugradClassifier(**QUICK).fit(x, y > 0)
    logits, shares = classifier.decision_function(x), classifier.predict_proba(x)
    assert classifier.model_.task.name == "binary"
    assert logits.shape == (150,)
    np.testing.assert_allclose(shares[:, 1], 1 / (1 + np.exp(-logits)))
    np.testing.assert_array_equal(classifier.predict(x), logits > 0)


def test_several_labels_are_predicted_at_once() -> None:
    x, y = IRIS
    tags = np.stack([y == 0, x[:, 0] > 6], axis=1).astype(int)
    classifier = GpugradClassifier(hidden=(16,), epochs=60, random_state=0).fit(x, tags)
    assert classifier.predict(x).shape == classifier.predict_proba(x).shape == (150, 2)
    assert classifier.score(x, tags) > 0.9          # of rows where all are right
    with pytest.raises(InvalidArgument, match="class_weight is balanced, but the task multilabel"):
        clone(classifier).set_params(class_weight="balanced").fit(x, tags)


def test_several_targets_are_predicted_at_once() -> None:
    x, y = load_linnerud(return_X_y=True)
    regressor = GpugradRegressor(**QUICK).fit(x, y)
    assert regressor.predict(x).shape == (20, 3)
    assert 0 < regressor.score(x, y) <= 1
    np.testing.assert_allclose(regressor.predict(x), regressor.model_.predict(x), rtol=1e-4)


def test_predictions_of_a_row_do_not_depend_on_the_others() -> None:
    x, y = DIABETES
    regressor = GpugradRegressor(**QUICK).fit(x, y)
    alone = np.concatenate([regressor.predict(row[None]) for row in x])
    np.testing.assert_allclose(regressor.predict(x), alone, rtol=1e-12)


def test_a_linear_model_has_no_hidden_layers() -> None:
    x, y = DIABETES
    assert GpugradRegressor(hidden=(), random_state=0).fit(x, y).score(x, y) > 0.5


def test_training_stops_early_if_asked_to() -> None:
    x, y = DIABETES
    settings = {"early_stopping": 3, "validation": 0.2, "epochs": 200, "random_state": 0}
    regressor = GpugradRegressor((16,), lr=0.01, **settings).fit(x, y)
    assert regressor.n_iter_ == len(regressor.loss_curve_) < 200
    assert regressor.records_[-1].validation_loss is not None
    with pytest.raises(InvalidArgument, match="early_stopping is 3, but there are no validation"):
        GpugradRegressor(early_stopping=3).fit(x, y)


def test_a_model_of_ones_own_is_trained_and_not_changed() -> None:
    x, y = IRIS
    with gg.use_backend("numpy"):
        model = gg.nn.Sequential([gg.nn.Linear(4, 8, rng=0), gg.tanh, gg.nn.Linear(8, 3, rng=0)])
    before = gg.tree.map(np.copy, model)
    classifier = GpugradClassifier(model=model, epochs=40, lr=0.01, random_state=0)
    assert clone(classifier).fit(x, NAMES[y]).score(x, NAMES[y]) > 0.9
    assert classifier.fit(x, y).score(x, y) > 0.9
    for now, then in zip(gg.tree.leaves(model), gg.tree.leaves(before), strict=True):
        np.testing.assert_array_equal(now, then)


def test_random_state_decides() -> None:
    x, y = DIABETES
    quick = {**QUICK, "epochs": 2}
    def outcome(state: Any) -> float:
        return float(GpugradRegressor(**{**quick, "random_state": state}).fit(x, y).predict(x)[0])

    assert outcome(3) == outcome(np.int64(3)) != outcome(4)
    assert outcome(np.random.RandomState(3)) == outcome(np.random.RandomState(3))
    assert outcome(None) != outcome(None)
    with pytest.raises(ValueError, match="cannot be used to seed"):
        outcome("three")


# Weights


def test_a_row_of_weight_0_is_as_if_it_were_not_there() -> None:
    x, y = DIABETES
    weight = np.ones(len(x))
    weight[::3] = 0
    kept = weight > 0
    weighed = GpugradRegressor(**QUICK).fit(x, y, sample_weight=weight)
    without = GpugradRegressor(**QUICK).fit(x[kept], y[kept])
    np.testing.assert_allclose(weighed.predict(x), without.predict(x), rtol=1e-4)


@pytest.mark.parametrize("weight", ["balanced", {1: 9.0}, {0: 1, 1: 9.0}])
def test_a_rare_class_gets_weight(weight: Any) -> None:
    x = np.zeros((200, 1))
    y = (np.arange(200) % 10 == 0).astype(int)      # only how many there are tells them apart
    plain = GpugradClassifier((), lr=0.03, random_state=0).fit(x, y)
    weighed = clone(plain).set_params(class_weight=weight).fit(x, y)
    assert plain.predict_proba(x)[0, 1] == pytest.approx(0.1, abs=0.02)
    assert weighed.predict_proba(x)[0, 1] == pytest.approx(0.5, abs=0.05)


def test_weights_are_routed_through_a_search() -> None:
    x, y = IRIS
    weight = np.where(y == 0, 1.0, 1e-6)            # then the other classes may be mistaken
    with sklearn.config_context(enable_metadata_routing=True):
        classifier = GpugradClassifier(**QUICK).set_fit_request(sample_weight=True)
        classifier = classifier.set_score_request(sample_weight=True)
        found = cross_validate(classifier, x, y, params={"sample_weight": weight})
    assert found["test_score"].min() > 0.99


# The tools of scikit-learn


def test_a_grid_is_searched_in_two_processes() -> None:
    x, y = IRIS
    steps = make_pipeline(StandardScaler(), GpugradClassifier(**QUICK))
    grid = {"gpugradclassifier__hidden": [(), (8,)]}
    search = GridSearchCV(steps, grid, cv=2, n_jobs=2).fit(x, NAMES[y])
    assert search.best_score_ > 0.8
    assert search.predict(x).dtype.kind == "U"


def test_estimators_are_parts_of_others() -> None:
    x, y = IRIS
    classifier = GpugradClassifier(**QUICK)
    assert cross_val_score(classifier, x, y, cv=3).min() > 0.8
    voting = VotingClassifier([("a", classifier), ("b", clone(classifier))], voting="soft")
    assert voting.fit(x, y).score(x, y) > 0.9
    calibrated = CalibratedClassifierCV(classifier, cv=2).fit(x, y)
    np.testing.assert_allclose(calibrated.predict_proba(x).sum(axis=1), 1)
    assert BaggingClassifier(classifier, n_estimators=2, random_state=0).fit(x, y).score(x, y) > 0.8
    chain = ClassifierChain(classifier).fit(x, np.eye(3, dtype=int)[y])
    assert chain.predict(x).shape == (150, 3)


def test_regressors_are_parts_of_others() -> None:
    x, y = DIABETES
    regressor = GpugradRegressor(**QUICK)
    logs = TransformedTargetRegressor(regressor, func=np.log, inverse_func=np.exp)
    assert logs.fit(x, y).score(x, y) > 0.3
    stacked = StackingRegressor([("net", regressor), ("ridge", RidgeCV())], cv=2)
    assert stacked.fit(x, y).score(x, y) > 0.4


@pytest.mark.parametrize("made", BOTH)
def test_fitted_estimators_are_kept(made: type, tmp_path: Path) -> None:
    import joblib

    x, y = IRIS
    estimator = made(**QUICK).fit(x, y)
    wanted = estimator.predict(x)
    joblib.dump(estimator, tmp_path / "estimator.joblib")
    for again in (
        pickle.loads(pickle.dumps(estimator)),
        copy.deepcopy(estimator),
        joblib.load(tmp_path / "estimator.joblib"),
    ):
        np.testing.assert_array_equal(again.predict(x), wanted)
    with pytest.raises(NotFittedError):
        clone(estimator).predict(x)


# Tables


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_tables_have_names_of_features(library: str) -> None:
    tables = pytest.importorskip(library)
    x, y = IRIS
    names = load_iris().feature_names
    table = tables.DataFrame({name: x[:, i] for i, name in enumerate(names)})
    labels = tables.Series(NAMES[y])
    classifier = GpugradClassifier(**QUICK).fit(table, labels)
    assert classifier.feature_names_in_.tolist() == names
    assert classifier.score(table, labels) > 0.9
    with pytest.raises(ValueError, match="feature names should match"):
        classifier.predict(table[names[::-1]])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        classifier.predict(x)


def test_columns_of_a_table_become_features() -> None:
    pandas = pytest.importorskip("pandas")
    x, y = IRIS
    table = pandas.DataFrame({"length": x[:, 0], "kind": NAMES[y]})
    columns = ColumnTransformer(
        [("kind", OneHotEncoder(sparse_output=False), ["kind"])], remainder=StandardScaler()
    ).set_output(transform="pandas")
    regressor = make_pipeline(columns, GpugradRegressor(hidden=(), epochs=60, random_state=0))
    assert regressor.fit(table, x[:, 2]).score(table, x[:, 2]) > 0.9
    assert regressor[-1].feature_names_in_[-1] == "remainder__length"


@pytest.mark.skipif(not find_spec("torch"), reason="torch is not installed")
def test_tensors_on_the_host_are_arrays() -> None:
    import torch

    x, y = IRIS
    regressor = GpugradRegressor(**QUICK)
    regressor.fit(torch.asarray(x), torch.asarray(y))
    np.testing.assert_array_equal(regressor.predict(torch.asarray(x)), regressor.predict(x))


# What cannot be


def test_what_cannot_be_used_is_refused() -> None:
    x, y = IRIS
    holed = x.copy()
    holed[3, 1] = np.nan
    with pytest.raises(ValueError, match="Input X contains NaN"):
        GpugradClassifier().fit(holed, y)
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        GpugradClassifier().fit(x, x[:, 0])
    with pytest.raises(DataError, match="one class only"):
        GpugradClassifier().fit(x, np.zeros(150, int))
    with pytest.raises(InvalidArgument, match="hidden is 100; expected a tuple of widths"):
        GpugradClassifier(hidden=100).fit(x, y)     # as hidden_layer_sizes may be
    with pytest.raises(InvalidArgument, match="Did you mean 'relu'"):
        GpugradClassifier(activation="relux").fit(x, y)
    with pytest.raises(InvalidArgument, match="class_weight is 'balance'"):
        GpugradClassifier(class_weight="balance").fit(x, y)
    with pytest.raises(DataError, match=r"sample_weight\[0\] is -1"):
        GpugradRegressor().fit(x, y, sample_weight=-np.ones(150))
    with pytest.raises(InvalidArgument, match="zero for all rows"):
        GpugradRegressor().fit(x, y, sample_weight=np.zeros(150))
    with pytest.raises(InvalidArgument, match="loss is 'cross_entropy', but the task is regress"):
        GpugradRegressor(loss="cross_entropy").fit(x, y)
    with pytest.raises(ValueError, match="X has 3 features, but GpugradRegressor is expecting 4"):
        GpugradRegressor(**QUICK).fit(x, y).predict(x[:, :3])


def test_progress_is_shown_if_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    x, y = IRIS
    GpugradRegressor(**QUICK).fit(x, y)
    assert "".join(capsys.readouterr()) == ""
    GpugradRegressor(**QUICK, verbose=True).fit(x, y)
    assert "".join(capsys.readouterr()) != ""


def test_the_room_is_found_and_offers_its_names_alone() -> None:
    assert dir(gg.sklearn) == ["GpugradClassifier", "GpugradRegressor"]


@pytest.mark.parametrize("made", BOTH)
def test_docstrings_have_examples_that_run(made: type) -> None:
    assert made.__doc__ is not None
    assert check(made.__name__, made.__doc__) == []
    assert undocumented(made) == []
