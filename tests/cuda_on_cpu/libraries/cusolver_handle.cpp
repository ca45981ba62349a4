// cuSOLVER: handles, streams and settings.
#include "cusolver.h"

namespace cuda_on_cpu::cusolver {

namespace {
struct Params {};
Made<Handle> handles;
Made<Jacobi> jacobi;
Made<Params> params_made;
constexpr int VERSION[] = {12, 0, 0};
}  // namespace

Handle *find(void *handle) { return handles.find(handle); }
Jacobi *find_jacobi(void *settings) { return jacobi.find(settings); }
bool is_params(void *params) { return params_made.find(params); }

int queue(Handle *handle, const char *call, std::function<void()> what) {
  if (handle->device != current_device())
    return refuse(call, EXECUTION_FAILED,
                  "the handle was made for device " + std::to_string(handle->device) +
                      ", and another is current");
  if (is_capturing(handle->stream))
    return refuse(call, EXECUTION_FAILED, "nothing says that it can be captured: most of cuSOLVER "
                                          "waits for the device or allocates");
  return queue_on(handle->stream, call, std::move(what))
             ? refuse(call, EXECUTION_FAILED, "the stream does not take it")
             : int(SUCCESS);
}

}  // namespace cuda_on_cpu::cusolver

using namespace cuda_on_cpu;
using namespace cuda_on_cpu::cusolver;

extern "C" {

int cusolverGetProperty(int part, int *value) {
  CUSOLVER_WANTS(value && part >= 0 && part <= 2);
  *value = VERSION[part];
  return SUCCESS;
}

int cusolverDnCreate(void **handle) {
  CUSOLVER_WANTS(handle);
  *handle = handles.add(new Handle);
  return SUCCESS;
}

int cusolverDnDestroy(void *handle) {
  CUSOLVER_HANDLE(handle);
  if (cudaDeviceSynchronize())
    return refuse(__func__, INTERNAL_ERROR, "waits for the device, which is not possible now");
  handles.remove(h);
  return SUCCESS;
}

int cusolverDnSetStream(void *handle, void *stream) {
  CUSOLVER_HANDLE(handle);
  h->stream = stream;
  return SUCCESS;
}

int cusolverDnGetStream(void *handle, void **stream) {
  CUSOLVER_HANDLE(handle);
  CUSOLVER_WANTS(stream);
  *stream = h->stream;
  return SUCCESS;
}

int cusolverDnCreateParams(void **params) {
  CUSOLVER_WANTS(params);
  *params = params_made.add(new Params);
  return SUCCESS;
}

int cusolverDnDestroyParams(void *params) {
  CUSOLVER_WANTS(params_made.remove(params));
  return SUCCESS;
}

#define SETTINGS(NAME, SETTER)                                                  \
  int cusolverDnCreate##NAME##Info(void **settings) {                           \
    CUSOLVER_WANTS(settings);                                                   \
    *settings = jacobi.add(new Jacobi);                                         \
    return SUCCESS;                                                             \
  }                                                                             \
  int cusolverDnDestroy##NAME##Info(void *settings) {                           \
    CUSOLVER_WANTS(jacobi.remove(settings));                                    \
    return SUCCESS;                                                             \
  }                                                                             \
  int cusolverDnX##SETTER##SetSortEig(void *settings, int sorted) {             \
    CUSOLVER_WANTS(find_jacobi(settings));                                      \
    find_jacobi(settings)->sorted = sorted;                                     \
    return SUCCESS;                                                             \
  }                                                                             \
  /* What LAPACK finds is exact to the last bits, whatever is asked for. */     \
  int cusolverDnX##SETTER##SetTolerance(void *settings, double tolerance) {     \
    CUSOLVER_WANTS(find_jacobi(settings) && tolerance >= 0);                    \
    return SUCCESS;                                                             \
  }                                                                             \
  int cusolverDnX##SETTER##SetMaxSweeps(void *settings, int sweeps) {           \
    CUSOLVER_WANTS(find_jacobi(settings) && sweeps >= 0);                       \
    return SUCCESS;                                                             \
  }
SETTINGS(Gesvdj, gesvdj) SETTINGS(Syevj, syevj)

// CuPy makes and destroys a handle for sparse systems beside the one for dense ones.
int cusolverSpCreate(void **handle) { return cusolverDnCreate(handle); }
int cusolverSpDestroy(void *handle) { return cusolverDnDestroy(handle); }
int cusolverSpSetStream(void *handle, void *stream) { return cusolverDnSetStream(handle, stream); }
int cusolverSpGetStream(void *handle, void **stream) { return cusolverDnGetStream(handle, stream); }

}  // extern "C"
