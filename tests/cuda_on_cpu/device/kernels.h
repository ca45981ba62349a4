// What makes a function of CUDA source a kernel that a launch can run.
#pragma once
#pragma GCC system_header

#include "../interface.h"
#include "threads.h"

namespace cuda_on_cpu {

// Runs `call(arguments)` in each thread of a launch; returns nullptr, or what went wrong.
const char *run(void (*call)(const void *), const void *arguments, size_t size, const Launch &launch,
                char *(*guard)());

// Follows all shared variables of the module (`guard.cpp`).
extern "C" __attribute__((visibility("hidden"))) thread_local char cuda_on_cpu_guard[256];

template <auto K, unsigned MOST = 1024> struct Bound;

template <typename... T, void (*K)(T...), unsigned MOST> struct Bound<K, MOST> {
  using Arguments = std::tuple<std::remove_cv_t<T>...>;
  static constexpr unsigned sizes[] = {unsigned(sizeof(T))..., 0};

  static char *guard() { return cuda_on_cpu_guard; }

  __attribute__((no_sanitize("thread"))) static void call(const void *arguments) {
    std::apply(K, *static_cast<const Arguments *>(arguments));
  }

  template <size_t... I>
  static const char *run_with(void *const *given, const Launch &launch, std::index_sequence<I...>) {
    alignas(Arguments) char place[sizeof(Arguments)];
    Arguments &arguments = *reinterpret_cast<Arguments *>(place);
    (memcpy(static_cast<void *>(&std::get<I>(arguments)), given[I], sizeof(T)), ...);
    return cuda_on_cpu::run(call, &arguments, sizeof(arguments), launch, guard);
  }

  static const char *run(void *const *given, const Launch &launch) {
    return run_with(given, launch, std::index_sequence_for<T...>{});
  }

  static constexpr Kernel kernel() { return {sizeof...(T), sizes, 0, MOST, run}; }
};

}  // namespace cuda_on_cpu
