// CUDA's words for where things are and run.
//
// Shared variables are thread-local ones of the host thread that runs a launch: so they lie
// together, apart from all other variables of the module, where they can be found, poisoned and
// measured. A declaration of dynamic shared memory is rewritten by `compiler.py`.
#pragma once
#pragma GCC system_header

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <initializer_list>
#include <limits>
#include <type_traits>
#include <utility>

#define __CUDACC_VER_MAJOR__ 13
#define __CUDACC_VER_MINOR__ 0

#define __global__
#define __device__
#define __host__
#define __constant__
#define __managed__
#define __shared__ static thread_local
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__
#define __align__(n) __attribute__((aligned(n)))
#define __grid_constant__
#define __launch_bounds__(...)
#define __cluster_dims__(...)
#define __restrict__ __restrict
