"""The rooms of gpugrad, for editors.

Made by `python -m gpugrad.catalogue --stubs`.
"""
