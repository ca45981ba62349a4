// What the stand-ins of CUDA's libraries share: the checks of their arguments, and how they refuse.
//
// A call checks on the host what the real library checks there, and returns the documented status.
// What only the device would notice (memory that is not there, a bad pointer in an array of
// pointers) is checked when the work runs, because only then is it known; it throws, and the
// runtime makes of that a failed launch, as an illegal access would be.
#pragma once

#include <cuda_runtime_api.h>

#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "../interface.h"
#include "../runtime/journal.h"

namespace cuda_on_cpu {

using complex64 = std::complex<float>;
using complex128 = std::complex<double>;

template <typename T> struct Parts { using Real = T; };
template <typename R> struct Parts<std::complex<R>> { using Real = R; };
template <typename T> using Real = typename Parts<T>::Real;
template <typename T> constexpr bool is_complex = !std::is_same_v<T, Real<T>>;

template <typename T> T conjugate(T x) {
  if constexpr (is_complex<T>) return std::conj(x);
  else return x;
}

// Says on stderr, which a failing test shows, why a call is refused: a status alone does not. In
// the journal it is "refused", with its name.
inline int refuse(const char *call, int status, const std::string &why) {
  Entry entry;
  entry.kind = "refused";
  entry.name = call;
  note(entry);
  std::fprintf(stderr, "cuda_on_cpu: %s: %s\n", call, why.c_str());
  return status;
}

inline int current_device() {
  int device = -1;
  cudaGetDevice(&device);
  return device;
}

// The device for which a library's work runs: the one that was current when it was queued.
inline thread_local int working_device = -1;

// Queues work of a library on a stream; returns a cudaError_t.
inline int queue_on(void *stream, const char *call, std::function<void()> what) {
  return work(stream, call, [device = current_device(), what = std::move(what)] {
    working_device = device;
    what();
  });
}

// To be used while the work runs: throws unless all of the operand is memory of the device.
inline void touch(const char *call, const char *operand, const void *at, size_t bytes,
                  size_t alignment) {
  if (!bytes) return;
  const std::string subject = std::string(call) + ": " + operand;
  if (!is_device_memory(at, bytes))
    throw std::runtime_error(subject + " is not " + std::to_string(bytes) +
                             " bytes of one live device allocation");
  if (device_of(at) != working_device)
    throw std::runtime_error(subject + " is memory of device " + std::to_string(device_of(at)) +
                             ", not of " + std::to_string(working_device));
  if (reinterpret_cast<uintptr_t>(at) % alignment)
    throw std::runtime_error(subject + " is not aligned to its elements");
}

template <typename T> void touch(const char *call, const char *operand, const T *at, size_t count) {
  touch(call, operand, at, count * sizeof(T), sizeof(T));
}

// How many elements a matrix in columns spans.
inline size_t span(long rows, long columns, long leading) {
  return rows > 0 && columns > 0 ? size_t(columns - 1) * size_t(leading) + size_t(rows) : 0;
}

// What a vector whose elements lie `step` apart spans.
inline size_t spread(long n, long step) {
  return n > 0 ? size_t(n - 1) * size_t(step < 0 ? -step : step) + 1 : 0;
}

// A library may do with its workspace what it likes, so nobody may rely on what is in it.
inline void spoil(const char *call, void *workspace, size_t bytes) {
  touch(call, "the workspace", workspace, bytes, 1);
  if (bytes) std::memset(workspace, 0xA5, bytes);
}

inline bool is_capturing(void *stream) {
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
  return !cudaStreamIsCapturing(static_cast<cudaStream_t>(stream), &status) &&
         status != cudaStreamCaptureStatusNone;
}

// The objects that a library has made and not yet destroyed.
template <typename T> class Made {
 public:
  T *add(T *object) {
    std::lock_guard<std::mutex> hold(lock_);
    objects_.insert(object);
    return object;
  }
  T *find(void *object) {
    std::lock_guard<std::mutex> hold(lock_);
    auto found = objects_.find(static_cast<T *>(object));
    return found == objects_.end() ? nullptr : *found;
  }
  bool remove(void *object) {
    std::lock_guard<std::mutex> hold(lock_);
    const bool known = objects_.erase(static_cast<T *>(object));
    if (known) delete static_cast<T *>(object);
    return known;
  }

 private:
  std::mutex lock_;
  std::set<T *> objects_;
};

}  // namespace cuda_on_cpu
