// The queues behind streams, and the order in which their work is done.
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <map>

#include "../interface.h"
#include "devices.h"
#include "errors.h"
#include "streams.h"

namespace cuda_on_cpu {

std::mutex mutex;

namespace {

constexpr size_t deepest = 1024;  // tasks in a queue

std::recursive_mutex one_at_a_time;
uint64_t orders = 0;

using Goals = std::map<std::shared_ptr<Stream>, uint64_t>;

// These points and all that they depend on: how far each stream has to come.
Goals closure(const std::vector<Point> &points) {
  Goals goals;
  std::map<Stream *, size_t> seen;
  std::vector<Point> open = points;
  while (!open.empty()) {
    Point point = open.back();
    open.pop_back();
    uint64_t &goal = goals[point.stream];
    goal = std::max(goal, point.number);
    auto &queue = point.stream->queue;
    size_t wanted = goal > point.stream->done ? size_t(goal - point.stream->done) : 0;
    size_t &next = seen[point.stream.get()];
    for (; next < std::min(wanted, queue.size()); ++next)
      for (const Point &before : queue[next].after) open.push_back(before);
  }
  return goals;
}

// The stream whose next task is the youngest of those that can be done now.
std::shared_ptr<Stream> next(const Goals &goals) {
  std::shared_ptr<Stream> best;
  for (const auto &[stream, goal] : goals) {
    if (stream->done >= goal || stream->queue.empty()) continue;
    const Task &task = stream->queue.front();
    if (!std::all_of(task.after.begin(), task.after.end(), is_done)) continue;
    if (!best || task.order > best->queue.front().order) best = stream;
  }
  return best;
}

void run_first(Lock &lock, const std::shared_ptr<Stream> &stream) {
  std::function<void()> run = std::move(stream->queue.front().run);
  lock.unlock();
  if (run && refused() == cudaSuccess) {  // after an error that sticks, nothing is done any more
    try {
      run();
    } catch (const std::exception &error) {
      break_context(cudaErrorLaunchFailure, error.what());
    }
  }
  run = nullptr;
  lock.lock();
  stream->queue.pop_front();
  ++stream->done;
}

void run(Lock &lock, const std::vector<Point> &points, size_t most) {
  Goals goals = closure(points);
  for (size_t i = 0; i < most; ++i) {
    auto stream = next(goals);
    if (!stream) return;
    run_first(lock, stream);
  }
}

}  // namespace

bool without_work() {
  static const bool set = getenv("CUDA_ON_CPU_NO_LAUNCH") != nullptr;
  return set;
}

bool is_done(const Point &point) { return !point.stream || point.stream->done >= point.number; }

void finish(Lock &lock, const std::vector<Point> &points) {
  lock.unlock();
  std::lock_guard alone(one_at_a_time);
  lock.lock();
  run(lock, points, SIZE_MAX);
}

void hold_back(Lock &lock, const std::shared_ptr<Stream> &stream) {
  if (stream->queue.size() > deepest) finish(lock, {{stream, stream->queued() - deepest}});
}

// Who calls this may hold a lock, Python's, that a host function in the other thread waits for.
void try_to_finish(Lock &lock, const std::vector<Point> &points) {
  std::unique_lock alone(one_at_a_time, std::try_to_lock);
  if (alone) run(lock, points, SIZE_MAX);
}

// As above.
void advance(Lock &lock, const Point &point) {
  std::unique_lock alone(one_at_a_time, std::try_to_lock);
  if (alone) run(lock, {point}, 1);
}

void catch_up(int device) {
  Lock lock(mutex);
  finish(lock, ends(device));
}

Point enqueue(const std::shared_ptr<Stream> &stream, std::function<void()> run,
              std::vector<Point> after) {
  if (stream->blocking)
    for (Point &end : ends(stream->device))
      if (end.stream != stream && end.stream->blocking && (stream->legacy || end.stream->legacy))
        after.push_back(std::move(end));
  stream->queue.push_back({++orders, std::move(run), std::move(after)});
  return {stream, stream->queued()};
}

}  // namespace cuda_on_cpu
