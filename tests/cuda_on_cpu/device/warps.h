// What the threads of a warp do together. Types are those of CUDA's overloads and no others: a
// `bool` goes as an `int`, and a structure does not go at all.
#pragma once
#pragma GCC system_header

#include "threads.h"

namespace cuda_on_cpu {

// The value of another lane; what one that does not take part has is not defined.
template <typename T>
inline T take(const char *function, unsigned mask, T value, unsigned source) {
  uint64_t mine = 0, all[32];
  memcpy(&mine, &value, sizeof(T));
  const unsigned there = exchange(function, mask, mine, all);
  if (there >> source & 1) memcpy(&value, &all[source], sizeof(T));
  else memset(&value, 0xA5, sizeof(T));
  return value;
}

// The width must be a power of two of at most 32; lanes are shuffled within segments of it.
inline unsigned segment(int width) {
  if (width < 1 || width > 32 || (width & (width - 1))) {
    fail("a shuffle of a width that is no power of two");
  }
  return lane() & ~(width - 1u);
}

template <typename T> inline T shuffle(unsigned mask, T value, int source, int width) {
  return take("__shfl_sync", mask, value, segment(width) | (source & (width - 1)));
}
template <typename T> inline T shuffle_up(unsigned mask, T value, unsigned delta, int width) {
  const unsigned first = segment(width);
  return take("__shfl_up_sync", mask, value, lane() - first >= delta ? lane() - delta : lane());
}
template <typename T> inline T shuffle_down(unsigned mask, T value, unsigned delta, int width) {
  const unsigned end = segment(width) + width;
  const bool inside = lane() + uint64_t(delta) < end;
  return take("__shfl_down_sync", mask, value, inside ? lane() + delta : lane());
}
template <typename T> inline T shuffle_xor(unsigned mask, T value, int bits, int width) {
  const unsigned source = lane() ^ bits, end = segment(width) + width;
  return take("__shfl_xor_sync", mask, value, source < end ? source : lane());
}

}  // namespace cuda_on_cpu

#define CUDA_ON_CPU_SHUFFLES(T)                                                                   \
  inline T __shfl_sync(unsigned mask, T value, int source, int width = 32) {                      \
    return cuda_on_cpu::shuffle(mask, value, source, width);                                      \
  }                                                                                               \
  inline T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {               \
    return cuda_on_cpu::shuffle_up(mask, value, delta, width);                                    \
  }                                                                                               \
  inline T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {             \
    return cuda_on_cpu::shuffle_down(mask, value, delta, width);                                  \
  }                                                                                               \
  inline T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32) {                    \
    return cuda_on_cpu::shuffle_xor(mask, value, bits, width);                                    \
  }

CUDA_ON_CPU_SHUFFLES(int)
CUDA_ON_CPU_SHUFFLES(unsigned)
CUDA_ON_CPU_SHUFFLES(long)
CUDA_ON_CPU_SHUFFLES(unsigned long)
CUDA_ON_CPU_SHUFFLES(long long)
CUDA_ON_CPU_SHUFFLES(unsigned long long)
CUDA_ON_CPU_SHUFFLES(float)
CUDA_ON_CPU_SHUFFLES(double)
#undef CUDA_ON_CPU_SHUFFLES

inline void __syncwarp(unsigned mask = 0xffffffff) {
  uint64_t all[32];
  cuda_on_cpu::exchange("__syncwarp", mask, 0, all);
}

namespace cuda_on_cpu {

// The lanes that took part and for which the predicate held, and those that took part.
inline unsigned vote(const char *function, unsigned mask, bool predicate, unsigned *there) {
  uint64_t all[32];
  *there = exchange(function, mask, predicate, all);
  unsigned found = 0;
  for (unsigned i = 0; i < 32; ++i) found |= *there >> i & unsigned(all[i]) & 1 ? 1u << i : 0;
  return found;
}

template <typename T, typename Join>
inline T reduce(const char *function, unsigned mask, T value, Join join) {
  uint64_t all[32];
  const unsigned there = exchange(function, mask, uint64_t(value), all);
  bool first = true;
  for (unsigned i = 0; i < 32; ++i) {
    if (!(there >> i & 1)) continue;
    value = first ? T(all[i]) : join(value, T(all[i]));
    first = false;
  }
  return value;
}

template <typename T>
inline unsigned match(const char *function, unsigned mask, T value, unsigned *there) {
  uint64_t mine = 0, all[32];
  memcpy(&mine, &value, sizeof(T));
  *there = exchange(function, mask, mine, all);
  unsigned found = 0;
  for (unsigned i = 0; i < 32; ++i) found |= (*there >> i & 1) && all[i] == mine ? 1u << i : 0;
  return found;
}

}  // namespace cuda_on_cpu

inline unsigned __ballot_sync(unsigned mask, int predicate) {
  unsigned there;
  return cuda_on_cpu::vote("__ballot_sync", mask, predicate, &there);
}
inline int __any_sync(unsigned mask, int predicate) {
  unsigned there;
  return cuda_on_cpu::vote("__any_sync", mask, predicate, &there) != 0;
}
inline int __all_sync(unsigned mask, int predicate) {
  unsigned there;
  return cuda_on_cpu::vote("__all_sync", mask, predicate, &there) == there;
}
inline unsigned __activemask() { return 1u << cuda_on_cpu::lane(); }  // all that it promises

#define CUDA_ON_CPU_MATCH(T)                                                             \
  inline unsigned __match_any_sync(unsigned mask, T value) {                             \
    unsigned there;                                                                      \
    return cuda_on_cpu::match("__match_any_sync", mask, value, &there);                  \
  }                                                                                      \
  inline unsigned __match_all_sync(unsigned mask, T value, int *equal) {                 \
    unsigned there;                                                                      \
    *equal = cuda_on_cpu::match("__match_all_sync", mask, value, &there) == there;       \
    return *equal ? there : 0;                                                           \
  }
CUDA_ON_CPU_MATCH(int)
CUDA_ON_CPU_MATCH(unsigned)
CUDA_ON_CPU_MATCH(long)
CUDA_ON_CPU_MATCH(unsigned long)
CUDA_ON_CPU_MATCH(long long)
CUDA_ON_CPU_MATCH(unsigned long long)
CUDA_ON_CPU_MATCH(float)
CUDA_ON_CPU_MATCH(double)
#undef CUDA_ON_CPU_MATCH

#define CUDA_ON_CPU_REDUCE(T, NAME, JOINED)                                              \
  inline T NAME(unsigned mask, T value) {                                                \
    return cuda_on_cpu::reduce(#NAME, mask, value, [](T a, T b) { return JOINED; });     \
  }
CUDA_ON_CPU_REDUCE(int, __reduce_add_sync, a + b)
CUDA_ON_CPU_REDUCE(unsigned, __reduce_add_sync, a + b)
CUDA_ON_CPU_REDUCE(int, __reduce_min_sync, a < b ? a : b)
CUDA_ON_CPU_REDUCE(unsigned, __reduce_min_sync, a < b ? a : b)
CUDA_ON_CPU_REDUCE(int, __reduce_max_sync, a > b ? a : b)
CUDA_ON_CPU_REDUCE(unsigned, __reduce_max_sync, a > b ? a : b)
CUDA_ON_CPU_REDUCE(unsigned, __reduce_and_sync, a & b)
CUDA_ON_CPU_REDUCE(unsigned, __reduce_or_sync, a | b)
CUDA_ON_CPU_REDUCE(unsigned, __reduce_xor_sync, a ^ b)
#undef CUDA_ON_CPU_REDUCE
