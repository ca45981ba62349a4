# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""The rooms of gpugrad, for editors."""
