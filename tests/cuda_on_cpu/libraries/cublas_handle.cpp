// cuBLAS: handles, their streams, modes and workspaces.
#include "cublas.h"

namespace cuda_on_cpu::cublas {

namespace {
Made<Handle> handles;
constexpr size_t OWN_WORKSPACE = 4096;
constexpr size_t SPOILED = 4096;  // bytes of a workspace: enough to be seen, and quick
constexpr int VERSION = 130000;
constexpr int WITHOUT_REDUCED_PRECISION = 16;
constexpr int LAST_MATH_MODE = 4;
}  // namespace

Handle *find(void *handle) { return handles.find(handle); }

int queue(Handle *handle, const char *call, std::function<void()> what) {
  if (handle->device != current_device())
    return refuse(call, EXECUTION_FAILED,
                  "the handle was made for device " + std::to_string(handle->device) +
                      ", and another is current");
  if (!handle->given && is_capturing(handle->stream))
    return refuse(call, ALLOC_FAILED,
                  "in a capture without a workspace, cuBLAS would allocate in the graph: "
                  "give it one by cublasSetWorkspace, after cublasSetStream");
  void *const workspace = handle->given ? handle->workspace : handle->own;
  const size_t size = handle->given ? handle->workspace_size : OWN_WORKSPACE;
  const int failed = queue_on(handle->stream, call, [=] {
    touch(call, "the workspace", workspace, size, 1);
    spoil(call, workspace, std::min(size, SPOILED));
    what();
  });
  return failed ? refuse(call, EXECUTION_FAILED, "the stream does not take it") : int(SUCCESS);
}

}  // namespace cuda_on_cpu::cublas

using namespace cuda_on_cpu;
using namespace cuda_on_cpu::cublas;

extern "C" {

int cublasCreate_v2(void **handle) {
  CUBLAS_WANTS(handle);
  auto *made = new Handle;
  if (cudaMalloc(&made->own, OWN_WORKSPACE)) {
    delete made;
    return refuse(__func__, ALLOC_FAILED, "no memory for a workspace, or not in this capture");
  }
  *handle = handles.add(made);
  return SUCCESS;
}

// Waits for the device, which no capture allows.
int cublasDestroy_v2(void *handle) {
  CUBLAS_HANDLE(handle);
  if (cudaDeviceSynchronize())
    return refuse(__func__, INTERNAL_ERROR, "waits for the device, which is not possible now");
  cudaFree(h->own);
  handles.remove(h);
  return SUCCESS;
}

int cublasGetVersion_v2(void *, int *version) {
  CUBLAS_WANTS(version);
  *version = VERSION;
  return SUCCESS;
}

// Takes the caller's workspace away.
int cublasSetStream_v2(void *handle, void *stream) {
  CUBLAS_HANDLE(handle);
  h->stream = stream;
  h->given = false;
  return SUCCESS;
}

int cublasGetStream_v2(void *handle, void **stream) {
  CUBLAS_HANDLE(handle);
  CUBLAS_WANTS(stream);
  *stream = h->stream;
  return SUCCESS;
}

int cublasSetWorkspace_v2(void *handle, void *workspace, size_t size) {
  CUBLAS_HANDLE(handle);
  CUBLAS_WANTS(reinterpret_cast<uintptr_t>(workspace) % 256 == 0);
  CUBLAS_WANTS(!size || is_device_memory(workspace, size));
  h->given = true;
  h->workspace = workspace;
  h->workspace_size = size;
  return SUCCESS;
}

int cublasSetPointerMode_v2(void *handle, int mode) {
  CUBLAS_HANDLE(handle);
  CUBLAS_WANTS(mode == 0 || mode == 1);
  h->on_device = mode;
  return SUCCESS;
}

int cublasGetPointerMode_v2(void *handle, int *mode) {
  CUBLAS_HANDLE(handle);
  CUBLAS_WANTS(mode);
  *mode = h->on_device;
  return SUCCESS;
}

int cublasSetMathMode(void *handle, int mode) {
  CUBLAS_HANDLE(handle);
  const int kind = mode & ~WITHOUT_REDUCED_PRECISION;
  CUBLAS_WANTS(kind >= 0 && kind <= LAST_MATH_MODE);
  h->math = mode;
  return SUCCESS;
}

int cublasGetMathMode(void *handle, int *mode) {
  CUBLAS_HANDLE(handle);
  CUBLAS_WANTS(mode);
  *mode = h->math;
  return SUCCESS;
}

}  // extern "C"
