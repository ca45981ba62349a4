"""Messages of the command line: in its own words, and with what was meant by those of others."""

from pathlib import Path

import pytest
import typer

from gpugrad.cli.app import app, run
from gpugrad.cli.in_options import OPTIONS as NAMED
from gpugrad.cli.in_options import in_options
from gpugrad.cli.meant import COMMANDS, OPTIONS, command_meant, option_meant

TREE = typer.main.get_command(app)
THERE = {
    word
    for command in TREE.commands.values()
    for parameter in command.params
    for word in parameter.opts
}


def test_everything_that_is_meant_is_there():
    assert set(OPTIONS.values()) <= THERE
    assert {f"--{name.replace('_', '-')}" for name in NAMED} <= THERE
    assert {text.split()[0] for text in COMMANDS.values()} <= {*TREE.commands, "--version"}


def test_nothing_that_is_there_means_anything_else():
    assert not COMMANDS.keys() & TREE.commands.keys()
    train = {word for parameter in TREE.commands["train"].params for word in parameter.opts}
    assert not OPTIONS.keys() & train


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("--learning-rate", ". Did you mean --lr?"), ("--learning_rate", ". Did you mean --lr?"),
        ("--batch_size", ". Did you mean --batch-size?"), ("--early-stoping", "--early-stopping?"),
        ("-o", ". Did you mean --out?"), ("--LR", ". Did you mean --lr?"), ("--zzzz", ""),
    ],
)  # fmt: skip
def test_an_option_of_another_tool(name, meant):
    assert option_meant(name, TREE.commands["train"].params and THERE).endswith(meant)


def test_an_option_that_a_command_has_not_is_not_meant():
    assert option_meant("--learning-rate", ["--out", "--id"]) == ""


@pytest.mark.parametrize(
    ("name", "meant"),
    [("evaluate", " Did you mean 'predict'?"), ("Fit", " Did you mean 'train'?"),
     ("trian", " Did you mean 'train'?"), ("zzz", "")],
)  # fmt: skip
def test_a_command_of_another_tool(name, meant):
    assert command_meant(name, TREE.commands) == meant


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("batch_size is 0; expected more", "--batch-size is 0; expected more"),
        ("epochs was 3 and is now 5", "--epochs was 3 and is now 5"),
        ("name it in `drop` or `lr_factor`", "name it in --drop or --lr-factor"),
        ("as by `validation=0.1`, or not", "as by --validation 0.1, or not"),
        ("x.csv: size is missing", "x.csv: size is missing"),       # a column, not a setting
        ("dataset is 3; `x` is no option", "dataset is 3; `x` is no option"),
    ],
)
def test_settings_are_named_as_options(message, said):
    assert in_options(message) == said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("evaluate runs/a", "No such command 'evaluate'. Did you mean 'predict'? (see gpugrad --h"),
        ("train moons --learning-rate 1", "Did you mean --lr? (see gpugrad train --help)"),
        ("predict a b --output c", "Did you mean --out? (see gpugrad predict --help)"),
        ("predict a b --lr 1", "No such option: --lr (see gpugrad predict --help)"),
        ("--verion", "Did you mean --version? (see gpugrad --help)"),
        ("train houses --target price", "no data set 'houses', and no file .* mean 'houses.csv'?"),
        ("train huses.csv --target price", "Did you mean 'houses.csv'?"),
        ("train mons --target price", "Did you mean 'moons'?"),
        ("train houses.csv", "name it in --target. There are size, price"),
        ("train moons --early-stopping 3 --validation 0", "give some, as by --validation 0.1, or"),
    ],
)
def test_what_stands_on_the_command_line(words, said, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    Path("houses.csv").write_text("size,price\n1,2\n")
    assert run(words.split()) == 2
    error = capfd.readouterr().err
    assert all(part in error for part in said.split(" .* "))
    assert error.count("\n") == 1


@pytest.mark.parametrize("command", TREE.commands)
def test_no_example_is_wider_than_a_terminal(command):
    from gpugrad.cli import export, predict, sweep_command, trace, train

    modules = {"sweep": sweep_command, "train": train, "trace": trace, "predict": predict,
               "export": export}  # fmt: skip
    if command in modules:
        text = getattr(modules[command], command).__doc__
        examples = text.partition("Examples:")[2].splitlines()
        assert examples
        assert max(len(line) for line in examples) <= 4 + 78      # indented by 4, shown in 80
