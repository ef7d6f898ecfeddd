"""[model]: what to train."""

from typing import Any, Literal, Self

from pydantic import ConfigDict, field_validator, model_validator

from regsearch.builders import BUILDERS
from regsearch.errors import InputError, SweepFileError, nearest
from regsearch.in_memory import is_in_memory
from regsearch.loading import is_reference
from regsearch.options import bind
from regsearch.spec import ModelSpec
from sweeps.config.section import Section, Text, plain_option


class ModelConfig(Section):
    """[model]: what to train; every other key is an option of the builder."""

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)

    builder: Text = "mlp"
    own_penalties: Literal["replace", "keep"] = "replace"

    @field_validator("builder")
    @classmethod
    def _known(cls, builder: str) -> str:
        if builder in BUILDERS or is_reference(builder) or is_in_memory(builder):
            return builder
        known = ", ".join(map(repr, BUILDERS))
        raise ValueError(f"may be {known} or 'file.py:function', got {builder!r}{nearest(builder, BUILDERS)}")

    @model_validator(mode="after")
    def _options_fit(self) -> Self:
        self.options()
        return self

    def options(self) -> dict[str, Any]:
        """Return the builder's options; those of a built-in one at their default are left out, but for `hidden`.

        A SweepFileError says which option a built-in builder does not have, or which value it may not have.
        """
        given = dict(self.model_extra or {})
        if is_reference(self.builder) or is_in_memory(self.builder):
            for name, value in given.items():
                plain_option(f"model.{name}", value)
            return given
        try:
            builder, bound = bind("model", self.builder, given, BUILDERS)
        except InputError as error:
            raise SweepFileError(error.field, error.problem) from None
        always = "hidden" if self.builder == "mlp" else ""  # hashes of the first sweeps hold it
        defaults = {name: option.default for name, option in builder.options.items()}
        return {name: value for name, value in bound.items() if name == always or value != defaults[name]}

    def canonical(self) -> dict[str, Any]:
        """Return what differs from the defaults, those of the builder's options among them."""
        kept = {"builder": self.builder, "own_penalties": self.own_penalties} | self.options()
        defaults = {"builder": "mlp", "own_penalties": "replace"}
        if self.builder == "mlp":
            defaults["hidden"] = BUILDERS["mlp"].options["hidden"].default
        return {name: value for name, value in kept.items() if value != defaults.get(name)}

    @property
    def file(self) -> str:
        """The path of the user's file, as written, or the name of a function in memory; empty for a built-in one."""
        if is_in_memory(self.builder):
            return self.builder
        return self.builder.rpartition(":")[0] if is_reference(self.builder) else ""

    def spec(self, *, digest: str = "", folder: str = "") -> ModelSpec:
        """Return it as regsearch.spec has it; digest and folder are those of the user's file."""
        return ModelSpec(
            builder=self.builder,
            options=tuple(self.options().items()),
            own_penalties=self.own_penalties,
            digest=digest,
            folder=folder,
        )
