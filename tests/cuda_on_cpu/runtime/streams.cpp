#include "streams.h"

#include <algorithm>
#include <array>
#include <map>
#include <new>
#include <stdexcept>

#include "capture.h"
#include "devices.h"
#include "errors.h"
#include "memory.h"

namespace cuda_on_cpu {
namespace {

std::map<uintptr_t, std::shared_ptr<Stream>> streams;  // by handle
std::vector<std::shared_ptr<Stream>> destroyed;        // with work that is not done
std::map<void *, std::weak_ptr<Stream>> owners;        // of memory in the order of a stream
uintptr_t handles = 0x10000;

constexpr size_t most_given_back = size_t(32) << 20;  // bytes that wait for what is queued

std::shared_ptr<Stream> made(int device) {
  auto stream = std::make_shared<Stream>();
  stream->device = device;
  stream->handle = handles += 16;  // never a second time, so that an old one is found out
  return streams[stream->handle] = stream;
}

std::shared_ptr<Stream> legacy_stream(int device) {
  static std::array<std::shared_ptr<Stream>, most_devices> legacy;
  if (!legacy[device]) {
    legacy[device] = made(device);
    legacy[device]->legacy = true;
  }
  return legacy[device];
}

std::shared_ptr<Stream> stream_of_this_thread(int device) {
  static thread_local std::array<std::shared_ptr<Stream>, most_devices> own;
  if (!own[device]) own[device] = made(device);
  return own[device];
}

cudaError_t unknown() {
  return fail(cudaErrorInvalidResourceHandle, "there is no such stream, or it was destroyed");
}

cudaError_t create(cudaStream_t *handle, unsigned flags, int priority) {
  if (auto error = refused()) return error;
  if (flags & ~unsigned(cudaStreamNonBlocking))
    return fail(cudaErrorInvalidValue, "unknown flags of a stream");
  Lock lock(mutex);
  auto stream = made(current_device());
  stream->blocking = !(flags & cudaStreamNonBlocking);
  stream->priority = priority;
  *handle = reinterpret_cast<cudaStream_t>(stream->handle);
  return cudaSuccess;
}

}  // namespace

std::shared_ptr<Stream> find_stream(cudaStream_t handle) {
  if (handle == nullptr || handle == cudaStreamLegacy) return legacy_stream(current_device());
  if (handle == cudaStreamPerThread) return stream_of_this_thread(current_device());
  auto found = streams.find(uintptr_t(handle));
  return found == streams.end() ? nullptr : found->second;
}

std::vector<Point> ends(int device) {
  std::vector<Point> found;
  for (const auto &[handle, stream] : streams)
    if (device < 0 || stream->device == device) found.push_back({stream, stream->queued()});
  for (const auto &stream : destroyed)
    if (device < 0 || stream->device == device) found.push_back({stream, stream->queued()});
  return found;
}

}  // namespace cuda_on_cpu

using namespace cuda_on_cpu;

extern "C" {

cudaError_t cudaStreamCreate(cudaStream_t *handle) { return create(handle, 0, 0); }

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *handle, unsigned flags) {
  return create(handle, flags, 0);
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t *handle, unsigned flags, int priority) {
  return create(handle, flags, priority);
}

cudaError_t cudaStreamDestroy(cudaStream_t handle) {
  Lock lock(mutex);
  auto found = streams.find(uintptr_t(handle));
  if (found == streams.end()) return unknown();
  auto stream = found->second;
  if (auto capture = stream->capture) {
    if (capture->origin == stream)
      abandon(capture);
    else
      spoil(capture, cudaErrorStreamCaptureUnsupported, "a stream of it was destroyed");
  }
  streams.erase(found);
  destroyed.erase(std::remove_if(destroyed.begin(), destroyed.end(),
                                 [](const auto &s) { return s->queue.empty(); }),
                  destroyed.end());
  if (!stream->queue.empty()) destroyed.push_back(stream);
  return cudaSuccess;
}

cudaError_t cudaStreamGetFlags(cudaStream_t handle, unsigned *flags) {
  Lock lock(mutex);
  auto stream = find_stream(handle);
  if (!stream) return unknown();
  *flags = stream->blocking ? cudaStreamDefault : cudaStreamNonBlocking;
  return cudaSuccess;
}

cudaError_t cudaStreamGetPriority(cudaStream_t handle, int *priority) {
  Lock lock(mutex);
  auto stream = find_stream(handle);
  if (!stream) return unknown();
  *priority = stream->priority;
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  auto stream = find_stream(handle);
  if (!stream) return unknown();
  if (auto error = forbid_waiting(*stream)) return error;
  count("synchronize");
  finish(lock, {enqueue(stream, nullptr)});
  return refused();
}

// Each time it is asked, the device gets one task further.
cudaError_t cudaStreamQuery(cudaStream_t handle) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  auto stream = find_stream(handle);
  if (!stream) return unknown();
  if (auto error = forbid_waiting(*stream)) return error;
  Point end{stream, stream->queued()};
  if (is_done(end)) return cudaSuccess;
  advance(lock, end);
  return cudaErrorNotReady;
}

cudaError_t cudaDeviceSynchronize() {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  if (auto error = forbid_waiting_for_device(current_device())) return error;
  count("synchronize");
  finish(lock, ends(current_device()));
  return refused();
}

cudaError_t cudaLaunchHostFunc(cudaStream_t handle, cudaHostFn_t function, void *data) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  Work work;
  work.entry.kind = "host function";
  work.run = [=] {
    InsideHostFunction inside;
    function(data);
  };
  return submit(lock, handle, std::move(work));
}

cudaError_t cudaStreamAddCallback(cudaStream_t handle, cudaStreamCallback_t function, void *data,
                                  unsigned) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  auto stream = find_stream(handle);
  if (!stream) return unknown();
  if (stream->capture)
    return spoil(stream->capture, cudaErrorStreamCaptureUnsupported, "cudaStreamAddCallback");
  Work work;
  work.entry.kind = "host function";
  work.run = [=] {
    InsideHostFunction inside;
    function(handle, cudaSuccess, data);
  };
  return submit(lock, handle, std::move(work));
}

// An allocator for CuPy, of memory in the order of a stream: what is queued there before it is
// given back may still use it. `stream_now` says which stream is CuPy's.
void *cuda_on_cpu_malloc(void *stream_now, size_t n, int device) {
  auto handle = reinterpret_cast<cudaStream_t (*)()>(stream_now)();
  cudaError_t error = refused();
  Lock lock(mutex);
  if (!error) error = forbid_unsafe("an allocation");
  auto stream = find_stream(handle);
  if (!error && !stream) error = unknown();
  if (error)
    throw std::runtime_error(std::string(cudaGetErrorName(error)) + ": " +
                             cudaGetErrorString(error));
  Entry entry;
  entry.kind = "malloc";
  entry.bytes = n;
  entry.device = device;
  note(entry);
  if (memory_given_back() > most_given_back) try_to_finish(lock, ends(device));
  void *p = allocate(Place::device, device, n);
  if (!p) throw std::bad_alloc();
  owners[p] = stream;
  return p;
}

void cuda_on_cpu_free(void *, void *p, int) {
  int device;
  if (!give_back(p, &device)) return fault("memory was freed that is not allocated");
  Lock lock(mutex);
  auto stream = owners[p].lock();
  owners.erase(p);
  if (stream && !stream->capture && !without_work()) {
    enqueue(stream, [=] { bury(p); });
    return;
  }
  lock.unlock();
  bury(p);
}

// Does all work, looks at all memory, and says what went wrong since the last call.
const char *cuda_on_cpu_check() {
  static thread_local std::string text;
  {
    Lock lock(mutex);
    abandon_captures();
    finish(lock, ends(-1));
  }
  check_memory();
  text = take_faults();
  return text.c_str();
}
}
