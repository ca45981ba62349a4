// cudaMalloc and its kind.
#include <cuda_runtime_api.h>

#include <cstring>

#include "capture.h"
#include "devices.h"
#include "errors.h"
#include "memory.h"

namespace cuda_on_cpu {
namespace {

cudaError_t forbidden(const char *what) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  return forbid_unsafe(what);
}

cudaError_t take(void **p, Place place, size_t n, const char *kind) {
  *p = nullptr;
  if (n == 0) return cudaSuccess;
  int device = current_device();
  if (place == Place::device && n > memory_of_a_device - memory_in_use(device))
    return fail(cudaErrorMemoryAllocation, std::to_string(n) + " bytes are more than are free");
  *p = allocate(place, device, n);
  if (!*p) return fail(cudaErrorMemoryAllocation, "the host has no memory left");
  Entry entry;
  entry.kind = kind;
  entry.device = device;
  entry.bytes = n;
  note(entry);
  return cudaSuccess;
}

// CUDA waits for the whole device before memory is freed.
cudaError_t drop(void *p, const char *what) {
  if (!p) return cudaSuccess;
  if (auto error = forbidden(what)) return error;
  int device;
  if (!give_back(p, &device))
    return fail(cudaErrorInvalidValue, std::string(what) + ": this is not allocated");
  {
    Lock lock(mutex);
    finish(lock, ends(device));
  }
  bury(p);
  return cudaSuccess;
}

}  // namespace
}  // namespace cuda_on_cpu

using namespace cuda_on_cpu;

extern "C" {

cudaError_t cudaMalloc(void **p, size_t n) {
  if (auto error = forbidden("cudaMalloc")) return error;
  return take(p, Place::device, n, "malloc");
}

cudaError_t cudaHostAlloc(void **p, size_t n, unsigned) {
  if (auto error = forbidden("cudaHostAlloc")) return error;
  return take(p, Place::pinned, n, "pinned malloc");
}

cudaError_t cudaFree(void *p) { return drop(p, "cudaFree"); }
cudaError_t cudaFreeHost(void *p) { return drop(p, "cudaFreeHost"); }

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes *attributes, const void *p) {
  if (auto error = refused()) return error;
  Location found = locate(p, 0);
  memset(attributes, 0, sizeof *attributes);
  attributes->device = found.device;
  if (found.place == Place::pageable || !found.is_there) {
    attributes->type = cudaMemoryTypeUnregistered;
    attributes->device = -2;
    return cudaSuccess;
  }
  bool pinned = found.place == Place::pinned;
  attributes->type = pinned ? cudaMemoryTypeHost : cudaMemoryTypeDevice;
  attributes->devicePointer = const_cast<void *>(p);
  attributes->hostPointer = pinned ? const_cast<void *>(p) : nullptr;
  return cudaSuccess;
}
}
