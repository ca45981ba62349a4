// Modules: shared objects with kernels that the host compiler made.
#pragma once

#include <string>

#include "../interface.h"

namespace cuda_on_cpu {

struct Function {
  std::string name;
  const Kernel *kernel;
  int device;
  size_t dynamic_shared;  // how much it may ask for
};

// The function of a handle, or nullptr.
Function *find_function(const void *handle);

}  // namespace cuda_on_cpu
