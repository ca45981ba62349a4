// What CuPy can ask of a library and is not here: the call fails, and says its name.
//
// Weak, so that a function that is here takes the place of its stub.
#pragma once

#include "common.h"

namespace cuda_on_cpu {

inline int missing(const char *call, int status) {
  return refuse(call, status, "is not there on the CPU");
}

}  // namespace cuda_on_cpu

#define MISSING(name)                                                           \
  extern "C" __attribute__((weak)) int name() {                                 \
    return cuda_on_cpu::missing(#name, NOT_SUPPORTED);                          \
  }
