"""How many threads a rank has, for steps and for matrix products: `mpiexec -n N python threads.py`.
"""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_info

import gpugrad as gg
from gpugrad.engines.thread_pool import threads

world = gg.parallel.world()
x = np.ones((300, 300)) @ np.ones((300, 300))       # with a BLAS, which is loaded
assert gg.parallel.psum(x[0, 0]) == 300 * world.size
(products,) = {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}
for counts in gg.parallel.all_gather(np.array([[threads(), products]])).tolist():
    if world.rank == 0:
        print(*counts)
