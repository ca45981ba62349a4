#include "capture.h"

#include <algorithm>
#include <set>

#include "errors.h"
#include "graphs.h"
#include "memory.h"

namespace cuda_on_cpu {
namespace {

std::set<std::shared_ptr<Capture>> captures;

// Whether each node that the streams came to leads to where the origin came to.
bool is_joined(const Capture &capture) {
  std::set<size_t> open = capture.origin->last, reached;
  while (!open.empty()) {
    size_t node = *open.rbegin();
    open.erase(node);
    if (!reached.insert(node).second) continue;
    const auto &after = capture.graph.nodes[node].after;
    open.insert(after.begin(), after.end());
  }
  for (const auto &stream : capture.streams)
    for (size_t node : stream->last)
      if (!reached.count(node)) return false;
  return true;
}

// Of a stream that takes turns with this one, if this is a legacy stream.
std::shared_ptr<Capture> capture_beside(const Stream &stream) {
  if (stream.legacy)
    for (const auto &capture : captures)
      for (const auto &part : capture->streams)
        if (part->blocking && part->device == stream.device) return capture;
  return nullptr;
}

}  // namespace

void abandon(const std::shared_ptr<Capture> &capture) {
  for (const auto &stream : capture->streams) {
    stream->capture = nullptr;
    stream->last.clear();
  }
  capture->ended = true;
  captures.erase(capture);
}

void abandon_captures() {
  while (!captures.empty()) {
    fault("a capture was not ended");
    abandon(*captures.begin());
  }
}

cudaError_t spoil(const std::shared_ptr<Capture> &capture, cudaError_t code,
                  const std::string &why) {
  if (capture->spoiled.empty()) capture->spoiled = why;
  return fail(code, why);
}

cudaError_t forbid_legacy(const Stream &stream) {
  auto capture = capture_beside(stream);
  if (!capture) return cudaSuccess;
  return spoil(capture, cudaErrorStreamCaptureImplicit,
               "the legacy stream is used while a stream captures that takes turns with it");
}

cudaError_t forbid_waiting(const Stream &stream) {
  if (stream.capture)
    return spoil(stream.capture, cudaErrorStreamCaptureUnsupported,
                 "a stream is waited for, or asked, that is capturing");
  return forbid_legacy(stream);
}

cudaError_t forbid_waiting_for_device(int device) {
  for (const auto &capture : captures)
    for (const auto &part : capture->streams)
      if (part->device == device)
        return spoil(capture, cudaErrorStreamCaptureUnsupported,
                     "the device is waited for while a stream of it is capturing");
  return cudaSuccess;
}

cudaError_t forbid_unsafe(const std::string &what) {
  for (const auto &capture : captures) {
    bool own = capture->thread == std::this_thread::get_id();
    if (capture->mode == cudaStreamCaptureModeGlobal ||
        (capture->mode == cudaStreamCaptureModeThreadLocal && own))
      return spoil(capture, cudaErrorStreamCaptureUnsupported,
                   what + " is not permitted while a stream is capturing in this mode");
  }
  return cudaSuccess;
}

void add_node(const std::shared_ptr<Stream> &stream, Work work) {
  auto &nodes = stream->capture->graph.nodes;
  nodes.push_back({std::move(work), stream->last});
  stream->last = {nodes.size() - 1};
}

cudaError_t join(const std::shared_ptr<Stream> &stream, const std::shared_ptr<Capture> &capture,
                 const std::set<size_t> &nodes) {
  if (!capture->spoiled.empty()) return fail(cudaErrorStreamCaptureInvalidated, capture->spoiled);
  if (capture->ended)
    return fail(cudaErrorCapturedEvent, "a stream waits for an event of a capture that has ended");
  if (stream->capture && stream->capture != capture) {
    spoil(stream->capture, cudaErrorStreamCaptureMerge, "it waits for an event of another capture");
    return spoil(capture, cudaErrorStreamCaptureMerge, "another capture waits for its event");
  }
  if (!stream->capture) {
    if (stream->legacy)
      return spoil(capture, cudaErrorStreamCaptureImplicit,
                   "the legacy stream waits for its event");
    stream->capture = capture;
    capture->streams.push_back(stream);
  }
  stream->last.insert(nodes.begin(), nodes.end());
  return cudaSuccess;
}

cudaError_t submit(Lock &lock, cudaStream_t handle, Work work) {
  auto stream = find_stream(handle);
  if (!stream)
    return fail(cudaErrorInvalidResourceHandle, "there is no such stream, or it was destroyed");
  if (auto error = forbid_legacy(*stream)) return error;
  work.entry.stream = stream->handle;
  work.entry.device = stream->device;
  if (auto capture = stream->capture) {
    if (!capture->spoiled.empty()) return fail(cudaErrorStreamCaptureInvalidated, capture->spoiled);
    add_node(stream, std::move(work));
    return cudaSuccess;
  }
  if (without_work()) return cudaSuccess;
  std::string problem = misuse(work.words, stream->device);
  if (!problem.empty())
    return break_context(cudaErrorIllegalAddress, work.entry.name + " is " + problem);
  note(work.entry);
  enqueue(stream, std::move(work.run));
  hold_back(lock, stream);
  return cudaSuccess;
}

}  // namespace cuda_on_cpu

using namespace cuda_on_cpu;

namespace {

cudaError_t unknown() {
  return fail(cudaErrorInvalidResourceHandle, "there is no such stream, or it was destroyed");
}

}  // namespace

extern "C" {

cudaError_t cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode mode) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  auto stream = find_stream(handle);
  if (!stream) return unknown();
  if (stream->legacy)
    return fail(cudaErrorStreamCaptureUnsupported, "the legacy stream cannot capture");
  if (stream->capture) return fail(cudaErrorIllegalState, "the stream is capturing already");
  auto capture = std::make_shared<Capture>();
  capture->mode = mode;
  capture->thread = std::this_thread::get_id();
  capture->origin = stream;
  capture->streams = {stream};
  capture->graph.device = stream->device;
  captures.insert(capture);
  stream->capture = capture;
  count("begin capture");
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t *graph) {
  *graph = nullptr;
  if (auto error = refused()) return error;
  Lock lock(mutex);
  auto stream = find_stream(handle);
  if (!stream) return unknown();
  auto capture = stream->capture;
  if (!capture) return fail(cudaErrorIllegalState, "the stream is not capturing");
  if (capture->origin != stream)
    return spoil(capture, cudaErrorStreamCaptureUnmatched, "it did not begin on this stream");
  if (capture->mode != cudaStreamCaptureModeRelaxed &&
      capture->thread != std::this_thread::get_id())
    return spoil(capture, cudaErrorStreamCaptureWrongThread, "another thread began it");
  bool joined = is_joined(*capture);
  abandon(capture);
  if (!capture->spoiled.empty()) return fail(cudaErrorStreamCaptureInvalidated, capture->spoiled);
  if (!joined)
    return fail(cudaErrorStreamCaptureUnjoined, "a stream that joined does not lead back");
  *graph = keep_graph(std::make_shared<Graph>(std::move(capture->graph)));
  return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t handle, cudaStreamCaptureStatus *status) {
  Lock lock(mutex);
  auto stream = find_stream(handle);
  if (!stream) return unknown();
  if (capture_beside(*stream))  // which is not spoilt by the question
    return fail(cudaErrorStreamCaptureImplicit, "a stream captures that takes turns with it");
  *status = !stream->capture                   ? cudaStreamCaptureStatusNone
            : stream->capture->spoiled.empty() ? cudaStreamCaptureStatusActive
                                               : cudaStreamCaptureStatusInvalidated;
  return cudaSuccess;
}
}
