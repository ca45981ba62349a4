"""Programs of several processes, on one machine or many: `mpiexec -n 4 python train.py`.

All processes run the same program, each with its own data, and call the same collectives in the
same order. Between processes and machines MPI carries arrays in host memory, and
NCCL those of CuPy from GPU to GPU.
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
