// Errors as CUDA has them: a code for the caller, with a text that says why, and codes that stick.
#pragma once

#include <cuda_runtime_api.h>

#include <string>

namespace cuda_on_cpu {

// Gives `code` to the caller; cudaGetErrorString of it will say `why`.
cudaError_t fail(cudaError_t code, const std::string &why);

// What every later call gives: a launch went wrong, and the context with it.
cudaError_t break_context(cudaError_t code, const std::string &why);

// The code that sticks, or cudaSuccess. Also refuses calls from host functions in a stream.
cudaError_t refused();

// Something that CUDA would not notice, told by `take_faults`.
void fault(const std::string &what);

// What went wrong since the last call, one line each; the context is whole again.
std::string take_faults();

// While it lives, this thread is inside of a host function.
struct InsideHostFunction {
  InsideHostFunction();
  ~InsideHostFunction();
};

}  // namespace cuda_on_cpu
