"""Programs of several processes, on one machine or many: `mpiexec -n 4 python train.py`.

All processes run the same program, each with its own data, and call the same collectives in the
same order. Between processes and machines MPI carries arrays in host memory, and NCCL those of CuPy
from GPU to GPU. A program that is started without `mpiexec` is a world of one process, in which
every function works too.

>>> world = gg.parallel.world()
>>> x = np.linspace(0.0, 1.0, 50)[gg.parallel.rows_of(50)]      # this rank's rows
>>> def loss(w):
...     w = gg.parallel.pvary(w)                # what all have in common, as each rank's own
...     return gg.parallel.psum(gg.sum((w * x - 2 * x) ** 2)) / 50
>>> print(f"{gg.grad(loss)(1.0):.4f}")          # the same on each rank, however many there are
-0.6735
"""

from gpugrad.parallel.aborting import abort_on_error as abort_on_error
from gpugrad.parallel.exchanges import all_gather as all_gather
from gpugrad.parallel.exchanges import all_to_all as all_to_all
from gpugrad.parallel.exchanges import broadcast as broadcast
from gpugrad.parallel.exchanges import permute as permute
from gpugrad.parallel.exchanges import pmax as pmax
from gpugrad.parallel.exchanges import pmean as pmean
from gpugrad.parallel.exchanges import pmin as pmin
from gpugrad.parallel.exchanges import psum as psum
from gpugrad.parallel.exchanges import pvary as pvary
from gpugrad.parallel.exchanges import reduce as reduce
from gpugrad.parallel.exchanges import reduce_scatter as reduce_scatter
from gpugrad.parallel.gradients import mean_gradients as mean_gradients
from gpugrad.parallel.gradients import rows_of as rows_of
from gpugrad.parallel.gradients import value_and_grad as value_and_grad
from gpugrad.parallel.replicas import data_parallel as data_parallel
from gpugrad.parallel.shards import Shard as Shard
from gpugrad.parallel.shards import shard as shard
from gpugrad.parallel.worlds import World as World
from gpugrad.parallel.worlds import world as world
from gpugrad.types import offered

__all__ = [
    "Shard", "World", "abort_on_error", "all_gather", "all_to_all", "broadcast", "data_parallel",
    "mean_gradients", "permute", "pmax", "pmean", "pmin", "psum", "pvary", "reduce",
    "reduce_scatter", "rows_of", "shard", "value_and_grad", "world",
]  # fmt: skip

__dir__ = offered(globals())
