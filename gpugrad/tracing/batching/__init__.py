"""What computes with one part of a batch, run on all parts at once.

A step on batched arrays is one step on arrays with one axis more, which stands first. It is taken
by the namespace below: that of the arrays, a tracer's, or the batching one again for a batch of
batches. What has no rule here runs part by part.
"""

from gpugrad.tracing.batching.batch_namespace import BatchingNamespace, namespace

__all__ = ["BatchingNamespace", "namespace"]
