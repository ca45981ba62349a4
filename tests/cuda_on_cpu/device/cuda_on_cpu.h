// CUDA C++ for the host compiler: all that a kernel's source expects to be there, as NVRTC has it.
#pragma once
#pragma GCC system_header

#include "qualifiers.h"
#include "vectors.h"
#include "threads.h"
#include "warps.h"
#include "atomics.h"
#include "bits.h"
#include "rounding.h"
#include "mathematics.h"
#include "kernels.h"
