// Copies and fills. When which bytes are read and written, and who waits, is what CUDA documents
// under "API synchronization behavior", and where that leaves a choice, the later moment.
#include <cuda_runtime_api.h>

#include <cstring>
#include <memory>
#include <vector>

#include "capture.h"
#include "devices.h"
#include "errors.h"
#include "memory.h"

namespace cuda_on_cpu {
namespace {

cudaError_t wrong(const std::string &why) { return fail(cudaErrorInvalidValue, why); }

// What the caller says must be what the addresses say.
cudaError_t check(const Location &to, const Location &from, cudaMemcpyKind kind) {
  for (const Location *place : {&to, &from})
    if (!place->misuse.empty()) return wrong("a copy: " + place->misuse);
  bool to_device = to.place == Place::device, from_device = from.place == Place::device;
  bool right = kind == cudaMemcpyDefault ||
               (kind == cudaMemcpyHostToDevice && to_device && !from_device) ||
               (kind == cudaMemcpyDeviceToHost && !to_device && from_device) ||
               (kind == cudaMemcpyDeviceToDevice && to_device && from_device) ||
               (kind == cudaMemcpyHostToHost && !to_device && !from_device);
  return right ? cudaSuccess : wrong("a copy: the addresses are not of the kind that it says");
}

Work move(const char *kind, void *to, const void *from, size_t n) {
  Work work;
  work.entry.kind = kind;
  work.entry.bytes = n;
  work.run = [=] { memmove(to, from, n); };
  work.words = {uint64_t(uintptr_t(to)), uint64_t(uintptr_t(from))};
  return work;
}

// Pageable memory has been read when the call returns, and is written before it does.
cudaError_t copy(void *to, const void *from, size_t n, cudaMemcpyKind kind, cudaStream_t handle,
                 bool waits) {
  if (auto error = refused()) return error;
  if (n == 0) return cudaSuccess;
  Location target = locate(to, n), source = locate(from, n);
  if (auto error = check(target, source, kind)) return error;
  Lock lock(mutex);
  auto stream = find_stream(handle);
  if (!stream) return fail(cudaErrorInvalidResourceHandle, "there is no such stream");
  if (waits)
    if (auto error = forbid_unsafe("cudaMemcpy")) return error;
  bool to_device = target.place == Place::device, from_device = source.place == Place::device;
  bool pageable = target.place == Place::pageable || source.place == Place::pageable;
  if (pageable && stream->capture)
    return spoil(stream->capture, cudaErrorStreamCaptureUnsupported,
                 "pageable memory is copied by a stream that is capturing");
  const char *what = to_device     ? from_device ? "on device" : "to device"
                     : from_device ? "to host"
                                   : "on host";
  Work work = move(what, to, from, n);
  if (to_device && from_device)
    work.words.clear();  // devices may differ
  else if (to_device && source.place == Place::pageable) {
    auto bytes = static_cast<const char *>(from);
    auto staged = std::make_shared<std::vector<char>>(bytes, bytes + n);
    work.run = [=] { memcpy(to, staged->data(), n); };
    waits = false;
  }
  work.words.clear();
  if (auto error = submit(lock, handle, std::move(work))) return error;
  if (to_device && (from_device || !waits)) return cudaSuccess;
  if (!waits && !pageable) return cudaSuccess;
  finish(lock, {{stream, stream->queued()}});
  return refused();
}

cudaError_t fill(void *to, int value, size_t n, cudaStream_t handle) {
  if (auto error = refused()) return error;
  if (n == 0) return cudaSuccess;
  Location target = locate(to, n);
  if (target.place == Place::pageable) return wrong("cudaMemset: this is not memory of a device");
  if (!target.misuse.empty()) return wrong("cudaMemset: " + target.misuse);
  Lock lock(mutex);
  Work work;
  work.entry.kind = "memset";
  work.entry.name = "memset";
  work.entry.bytes = n;
  work.run = [=] { memset(to, value, n); };
  work.words = {uint64_t(uintptr_t(to))};
  return submit(lock, handle, std::move(work));
}

}  // namespace
}  // namespace cuda_on_cpu

using namespace cuda_on_cpu;

extern "C" {

cudaError_t cudaMemcpy(void *to, const void *from, size_t n, cudaMemcpyKind kind) {
  return copy(to, from, n, kind, nullptr, true);
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t n, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return copy(to, from, n, kind, stream, false);
}

cudaError_t cudaMemcpyPeer(void *to, int, const void *from, int, size_t n) {
  return copy(to, from, n, cudaMemcpyDeviceToDevice, nullptr, true);
}

cudaError_t cudaMemcpyPeerAsync(void *to, int, const void *from, int, size_t n,
                                cudaStream_t stream) {
  return copy(to, from, n, cudaMemcpyDeviceToDevice, stream, false);
}

cudaError_t cudaMemset(void *to, int value, size_t n) { return fill(to, value, n, nullptr); }

cudaError_t cudaMemsetAsync(void *to, int value, size_t n, cudaStream_t stream) {
  return fill(to, value, n, stream);
}
}
