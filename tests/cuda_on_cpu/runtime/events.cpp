// Events: points in streams, not ready before something waited for what comes before them.
#include <chrono>
#include <map>

#include "capture.h"
#include "devices.h"
#include "errors.h"

namespace cuda_on_cpu {
namespace {

using Clock = std::chrono::steady_clock;

struct Event {
  int device;
  bool timed;
  Point point;                              // without a stream as long as it was not recorded
  std::shared_ptr<Clock::time_point> time;  // when that was reached
  std::shared_ptr<Capture> capture;         // that it was recorded in, after
  std::set<size_t> nodes;
};

std::map<uintptr_t, Event> events;
uintptr_t handles = 0x30000;

Event *find(cudaEvent_t handle) {
  auto found = events.find(uintptr_t(handle));
  return found == events.end() ? nullptr : &found->second;
}

cudaError_t unknown() {
  return fail(cudaErrorInvalidResourceHandle, "there is no such event, or it was destroyed");
}

cudaError_t forbid_captured(const Event &event, const char *what) {
  if (!event.capture) return cudaSuccess;
  return spoil(event.capture, cudaErrorCapturedEvent,
               std::string(what) + ": the event was recorded in a capture");
}

cudaError_t record(cudaEvent_t handle, cudaStream_t to) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  Event *event = find(handle);
  auto stream = find_stream(to);
  if (!event || !stream) return unknown();
  if (event->device != stream->device)
    return fail(cudaErrorInvalidResourceHandle,
                "an event is recorded in a stream of another device");
  if (auto error = forbid_legacy(*stream)) return error;
  count("event record");
  event->capture = stream->capture;
  event->nodes = stream->last;
  if (stream->capture) return cudaSuccess;
  auto time = std::make_shared<Clock::time_point>();
  event->time = time;
  event->point = enqueue(stream, [=] { *time = Clock::now(); });
  return cudaSuccess;
}

}  // namespace
}  // namespace cuda_on_cpu

using namespace cuda_on_cpu;

extern "C" {

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *handle, unsigned flags) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  events[handles += 16] = {current_device(), !(flags & cudaEventDisableTiming), {}, {}, {}, {}};
  *handle = reinterpret_cast<cudaEvent_t>(handles);
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t *handle) { return cudaEventCreateWithFlags(handle, 0); }

cudaError_t cudaEventDestroy(cudaEvent_t handle) {
  Lock lock(mutex);
  return events.erase(uintptr_t(handle)) ? cudaSuccess : unknown();
}

cudaError_t cudaEventRecord(cudaEvent_t handle, cudaStream_t stream) {
  return record(handle, stream);
}

cudaError_t cudaEventSynchronize(cudaEvent_t handle) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  Event *event = find(handle);
  if (!event) return unknown();
  if (auto error = forbid_captured(*event, "it is waited for")) return error;
  count("synchronize");
  if (event->point.stream) finish(lock, {event->point});
  return refused();
}

// Each time it is asked, the device gets one task further.
cudaError_t cudaEventQuery(cudaEvent_t handle) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  Event *event = find(handle);
  if (!event) return unknown();
  if (auto error = forbid_captured(*event, "it is asked")) return error;
  if (auto error = forbid_unsafe("cudaEventQuery")) return error;
  Point point = event->point;
  if (is_done(point)) return cudaSuccess;
  advance(lock, point);
  return cudaErrorNotReady;
}

cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t from, cudaEvent_t to) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  Event *first = find(from), *second = find(to);
  if (!first || !second) return unknown();
  for (Event *event : {first, second}) {
    if (auto error = forbid_captured(*event, "its time is asked for")) return error;
    if (!event->timed || !event->point.stream)
      return fail(cudaErrorInvalidResourceHandle, "an event has no time, or was not recorded");
    if (!is_done(event->point)) return fail(cudaErrorNotReady, "an event is not ready");
  }
  *milliseconds = std::chrono::duration<float, std::milli>(*second->time - *first->time).count();
  return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t to, cudaEvent_t handle, unsigned) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  Event *event = find(handle);
  auto stream = find_stream(to);
  if (!event || !stream) return unknown();
  if (auto error = forbid_legacy(*stream)) return error;
  count("wait event");
  if (event->capture) return join(stream, event->capture, event->nodes);
  if (stream->capture)
    return spoil(stream->capture, cudaErrorStreamCaptureIsolation,
                 "it waits for an event that was recorded outside of it");
  if (event->point.stream) enqueue(stream, nullptr, {event->point});
  return cudaSuccess;
}
}
