// Streams: queues of work that is done when something waits for it, and no earlier.
//
// Whoever waits for a point in a stream makes all that comes before it happen, and what that
// depends on, the youngest first where there is a choice. Nothing else is done: work that should
// have been waited for and was not is missing.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "journal.h"

namespace cuda_on_cpu {

struct Capture;
struct Stream;

// The first `number` tasks of a stream.
struct Point {
  std::shared_ptr<Stream> stream;
  uint64_t number = 0;
};

struct Task {
  uint64_t order;  // among all streams
  std::function<void()> run;
  std::vector<Point> after;
};

struct Stream {
  int device = 0;
  int priority = 0;
  bool legacy = false;
  bool blocking = true;  // it takes turns with the legacy stream
  uintptr_t handle = 0;
  std::deque<Task> queue;
  uint64_t done = 0;

  std::shared_ptr<Capture> capture;  // that it is part of
  std::set<size_t> last;             // nodes that the next node of it comes after

  uint64_t queued() const { return done + queue.size(); }
};

// Work for a stream: what the journal says of it, what it does, and words that may be addresses.
struct Work {
  Entry entry;
  std::function<void()> run;
  std::vector<uint64_t> words;
};

// Guards streams, events, captures and graphs; never held while work is done.
extern std::mutex mutex;
using Lock = std::unique_lock<std::mutex>;

// Only launches that do nothing are wanted, to measure what they cost the host.
bool without_work();

// What follows is called with the lock held.

// The stream of a handle, or nullptr: 0 and 1 are the legacy stream of this thread's device.
std::shared_ptr<Stream> find_stream(cudaStream_t handle);

// Queues work behind what the stream and these points have; returns the point after it.
Point enqueue(const std::shared_ptr<Stream> &stream, std::function<void()> run,
              std::vector<Point> after = {});

// Does all that comes before these points. The lock is let go for as long as work is done.
void finish(Lock &lock, const std::vector<Point> &points);

// Lets the host wait if the queue has become too deep, as a GPU does.
void hold_back(Lock &lock, const std::shared_ptr<Stream> &stream);

// Does what comes before these points, unless another thread is at it.
void try_to_finish(Lock &lock, const std::vector<Point> &points);

// Does one task of those that come before the point.
void advance(Lock &lock, const Point &point);

bool is_done(const Point &point);

// The ends of all streams of a device, or of all devices for -1.
std::vector<Point> ends(int device);

// Gives work to a stream, or to its capture.
cudaError_t submit(Lock &lock, cudaStream_t handle, Work work);

}  // namespace cuda_on_cpu
