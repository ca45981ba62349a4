"""Which functions there are and what each can do, found out by trying them."""

from gpugrad.catalogue.support_table import Row, Support, support

__all__ = ["Row", "Support", "support"]
