"""Engines write claims. Two engines, one pipeline: nothing else knows which ran (see `synth.engines.engine`)."""
