// What the parts of cuBLAS share: the handle, and the checks that every call makes.
#pragma once

#include "common.h"

namespace cuda_on_cpu::cublas {

enum Status {
  SUCCESS = 0,
  NOT_INITIALIZED = 1,
  ALLOC_FAILED = 3,
  INVALID_VALUE = 7,
  EXECUTION_FAILED = 13,
  INTERNAL_ERROR = 14,
  NOT_SUPPORTED = 15,
};

enum MathMode { DEFAULT_MATH = 0, TENSOR_OP_MATH = 1, PEDANTIC_MATH = 2, TF32_MATH = 3 };

constexpr char OPERATIONS[] = "NTC";

struct Handle {
  int device = current_device();      // with which it was made, and must be used
  void *stream = nullptr;
  bool on_device = false;             // the pointer mode: where scalars are
  int math = DEFAULT_MATH;            // may carry the flag against reduced precision
  void *own = nullptr;                // the workspace that cublasCreate allocates
  bool given = false;                 // whether the caller has set one
  void *workspace = nullptr;
  size_t workspace_size = 0;
};

Handle *find(void *handle);

// Queues work on the stream of the handle. A call in a capture that finds no workspace of the
// caller is refused: the real library would put allocations into the graph.
int queue(Handle *handle, const char *call, std::function<void()> what);

// A scalar: read now if the pointer mode says that it is on the host, else when the work runs.
template <typename T> class Scalar {
 public:
  Scalar(const Handle *handle, const T *at)
      : at_(handle->on_device ? at : nullptr), value_(at && !handle->on_device ? *at : T(0)) {}
  T operator()(const char *call) const {
    if (at_) touch(call, "a scalar in device mode", at_, 1);
    return at_ ? *at_ : value_;
  }

 private:
  const T *at_;
  T value_;
};

// In host mode a scalar must not be device memory, which the host cannot read.
inline bool is_where_said(const Handle *handle, const void *scalar, size_t bytes) {
  return scalar && (handle->on_device || !is_device_memory(scalar, bytes));
}

// Queues `what`, which computes a number, and puts that where the pointer mode says. On the host
// it must be there when the call returns: such a call waits, and cannot be captured.
template <typename T>
int give(Handle *handle, const char *call, T *result, std::function<T()> what) {
  if (handle->on_device)
    return queue(handle, call, [=] {
      touch(call, "the result in device mode", result, 1);
      *result = what();
    });
  if (int status = queue(handle, call, [=] { *result = what(); })) return status;
  if (cudaStreamSynchronize(static_cast<cudaStream_t>(handle->stream)))
    return refuse(call, EXECUTION_FAILED, "the result goes to the host, which has to wait for it");
  return SUCCESS;
}

}  // namespace cuda_on_cpu::cublas

#define CUBLAS_HANDLE(handle)                                                     \
  cuda_on_cpu::cublas::Handle *const h = cuda_on_cpu::cublas::find(handle);       \
  if (!h) return cuda_on_cpu::refuse(__func__, cuda_on_cpu::cublas::NOT_INITIALIZED, "no handle")

#define CUBLAS_WANTS(condition)                                                   \
  if (!(condition))                                                               \
  return cuda_on_cpu::refuse(__func__, cuda_on_cpu::cublas::INVALID_VALUE, "wants " #condition)

#define CUBLAS_SCALAR(scalar)                                                     \
  if (!cuda_on_cpu::cublas::is_where_said(h, scalar, sizeof *scalar))             \
  return cuda_on_cpu::refuse(__func__, cuda_on_cpu::cublas::INVALID_VALUE,        \
                             #scalar " is null, or not where the pointer mode says")
