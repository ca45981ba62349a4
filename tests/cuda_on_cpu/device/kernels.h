// What makes a function of CUDA source a kernel that a launch can run.
#pragma once
#pragma GCC system_header

#include "../interface.h"
#include "threads.h"

namespace cuda_on_cpu {

// Runs `call(arguments)` in each thread of a launch; returns nullptr, or what went wrong. A module
// is checked if it is compiled to tell of each access to memory (`races.cpp`).
const char *run(void (*call)(void *const *), void *const *arguments, const Launch &launch,
                char *(*guard)(), bool checked);

#ifdef __SANITIZE_THREAD__
constexpr bool checked = true;
#else
constexpr bool checked = false;
#endif

// Follows all shared variables of the module (`guard.cpp`).
extern "C" __attribute__((visibility("hidden"))) thread_local char cuda_on_cpu_guard[256];
inline char *guard() { return cuda_on_cpu_guard; }

// MOST is the number of threads of its launch bounds.
template <auto K, unsigned MOST = 1024> struct Bound;

template <typename... T, void (*K)(T...), unsigned MOST> struct Bound<K, MOST> {
  static constexpr unsigned sizes[] = {unsigned(sizeof(T))..., 0};

  // Each thread gets arguments of its own, which it may change.
  template <size_t... I>
  __attribute__((no_sanitize("thread"))) static void call(void *const *arguments) {
    K(*static_cast<std::remove_cv_t<T> *>(arguments[I])...);
  }

  template <size_t... I>
  static const char *run(void *const *arguments, const Launch &launch) {
    return cuda_on_cpu::run(call<I...>, arguments, launch, guard, checked);
  }

  template <size_t... I> static constexpr Kernel kernel(std::index_sequence<I...>) {
    return {sizeof...(T), sizes, 0, MOST, run<I...>};
  }
  static constexpr Kernel kernel() { return kernel(std::index_sequence_for<T...>{}); }
};

}  // namespace cuda_on_cpu
