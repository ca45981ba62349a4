"""The part of `cupyx.scipy` that gpugrad uses."""
