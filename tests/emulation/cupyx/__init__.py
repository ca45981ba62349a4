"""The part of `cupyx` that gpugrad uses."""
