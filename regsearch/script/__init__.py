"""A training as a plain Keras script that imports nothing of ours."""

from regsearch.script.writer import Script, keras_script

__all__ = ["Script", "keras_script"]
