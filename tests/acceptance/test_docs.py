"""The docs say what is true: commands exist, sweep files are some, keys are all there, pictures too."""

import re
import tomllib
from pathlib import Path

import pytest
import typer

import regsearch
from regsearch.builders import BUILDERS
from regsearch.data import SOURCES
from regsearch.scoring import METRICS
from regsearch.trainers.optimizers import OPTIMIZERS
from sweeps.cli.main import app
from sweeps.config.data_section import DataConfig, SplitConfig
from sweeps.config.evaluation_section import EvaluationConfig
from sweeps.config.model_section import ModelConfig
from sweeps.config.published import PUBLISHED
from sweeps.config.search_section import STRATEGIES, SearchConfig
from sweeps.config.toml_file import parse_tables, preset_names
from sweeps.config.training_section import TrainingConfig

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def commands() -> dict[str, typer.core.TyperCommand]:
    return dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


def test_every_command_has_help_and_is_in_the_readme() -> None:
    for name, command in commands().items():
        assert command.help, name
        assert all(p.help for p in command.params if p.name != "help"), name
        assert re.search(rf"regsearch {name}\b", README), name


def test_every_command_and_option_in_the_readme_exists() -> None:
    said = re.findall(r"regsearch ([a-z]+)((?: (?!#)[^\s`]+)*)", "\n".join(blocks("console")))
    assert len(said) > 8
    for name, rest in said:
        options = {o for p in commands()[name].params for o in p.opts}
        assert set(re.findall(r"(?<!\S)--[a-z-]+", rest)) <= options, name


@pytest.mark.parametrize("text", blocks("toml"))
def test_sweep_files_in_the_readme_are_accepted(text: str) -> None:
    assert parse_tables(tomllib.loads(text)).name


def test_every_key_of_a_sweep_file_is_in_its_reference() -> None:
    text = (ROOT / "docs" / "sweep-file.md").read_text("utf-8")
    for section, kind in {"data": DataConfig, "model": ModelConfig, "training": TrainingConfig}.items():
        part = re.search(rf"## \[{section}\]\n(.*?)(?=\n## |$)", text, re.S)[1]  # type: ignore[index]
        for name in kind.model_fields:
            assert f"`{name}`" in part, f"{section}.{name}"
    for kind in (SearchConfig, EvaluationConfig, SplitConfig):
        for name, field in kind.model_fields.items():
            assert re.search(rf"\b{field.alias or name}\b", text), name
    for builder, choice in BUILDERS.items():
        row = re.search(rf"\| of `{builder}` .*", text)[0]  # type: ignore[index]
        assert all(f"`{option}`" in row for option in choice.options), builder
    for name in (*SOURCES, *OPTIMIZERS, *METRICS, *STRATEGIES):
        assert f"`{name}`" in text, name
    for example in re.findall(r"```toml\n(.*?)```", text, re.S):
        assert parse_tables({"name": "a", **tomllib.loads(example)})


def test_every_preset_and_published_setting_is_in_their_table() -> None:
    text = (ROOT / "docs" / "presets.md").read_text("utf-8")
    for name in preset_names():
        assert len(re.findall(rf"^\| {name} \|", text, re.M)) == 1, name
    for setting in PUBLISHED.values():
        assert re.search(rf"^\| `{setting.name}` \| {setting.lambda_:g} \| {setting.kind} \| .{{20,}} \|$", text, re.M)


def test_python_in_the_readme_uses_public_names() -> None:
    used = set(re.findall(r"\bregsearch\.(\w+)\(", "\n".join(blocks("python"))))
    assert used and used <= set(regsearch.__all__)


def test_files_that_the_readme_points_at_are_there() -> None:
    linked = [target for target in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in target]
    assert len(linked) >= 4 and all((ROOT / target).exists() for target in linked)
