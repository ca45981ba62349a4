// What the parts of cuSOLVER share: the handle, the checks, and what CUDA leaves free.
//
// Where a result is not unique, it is deliberately another than LAPACK's: the signs and phases of
// vectors and the order of general eigenvalues. Who relies on LAPACK's choice sees it here.
#pragma once

#include "common.h"

namespace cuda_on_cpu::cusolver {

enum Status {
  SUCCESS = 0,
  NOT_INITIALIZED = 1,
  ALLOC_FAILED = 2,
  INVALID_VALUE = 3,
  EXECUTION_FAILED = 6,
  INTERNAL_ERROR = 7,
  NOT_SUPPORTED = 9,
};

// cudaDataType
enum Type { R_32F = 0, R_64F = 1, C_32F = 4, C_64F = 5 };

constexpr char OPERATIONS[] = "NTC";
constexpr char TRIANGLES[] = "LU";
constexpr char JOBS[] = "NV";

struct Handle {
  int device = current_device();  // with which it was made, and must be used
  void *stream = nullptr;
};

// Settings of the methods by Jacobi rotations.
struct Jacobi {
  bool sorted = true;
};

Handle *find(void *handle);
Jacobi *find_jacobi(void *settings);
bool is_params(void *params);

// Queues work on the stream of the handle; refused in a capture.
int queue(Handle *handle, const char *call, std::function<void()> what);

// How many elements of workspace a factorization of m by n asks for: what is in them is spoiled.
inline int workspace_of(int m, int n) { return 32 * std::max(1, std::max(m, n)); }

// A number of absolute value 1 for the vector with this number, and not 1 for the first ones.
template <typename T> T turn(long number) {
  if constexpr (is_complex<T>) return std::polar(Real<T>(1), Real<T>(number + 1));
  else return number % 2 ? T(1) : T(-1);
}

template <typename T> void turn_column(T *column, long rows, T by) {
  for (long i = 0; i < rows; ++i) column[i] *= by;
}

}  // namespace cuda_on_cpu::cusolver

#define CUSOLVER_HANDLE(handle)                                                     \
  cuda_on_cpu::cusolver::Handle *const h = cuda_on_cpu::cusolver::find(handle);     \
  if (!h) return cuda_on_cpu::refuse(__func__, cuda_on_cpu::cusolver::NOT_INITIALIZED, "no handle")

#define CUSOLVER_WANTS(condition)                                                   \
  if (!(condition))                                                                 \
  return cuda_on_cpu::refuse(__func__, cuda_on_cpu::cusolver::INVALID_VALUE, "wants " #condition)
