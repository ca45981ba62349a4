// Atomic operations on the types of CUDA's overloads. Threads of a launch take turns on one thread
// of the host, and only where they wait, so a plain change is atomic.
#pragma once
#pragma GCC system_header

#include "threads.h"

namespace cuda_on_cpu {

// That a place is changed atomically, before it is: for the detection of races.
void note_atomic(const volatile void *place, unsigned size);

template <typename T, typename Change>
__attribute__((no_sanitize("thread"))) inline T change(volatile T *place, Change to) {
  note_atomic(place, sizeof(T));
  const T before = *place;
  *place = to(before);
  return before;
}

}  // namespace cuda_on_cpu

#define CUDA_ON_CPU_ATOMIC(NAME, T, NEW)                                                         \
  __attribute__((no_sanitize("thread"))) inline T NAME(T *place, T value) {                      \
    return cuda_on_cpu::change(                                                                  \
        place, [=](T old) __attribute__((no_sanitize("thread"))) -> T { return NEW; });          \
  }                                                                                              \
  inline T NAME##_block(T *place, T value) { return NAME(place, value); }                        \
  inline T NAME##_system(T *place, T value) { return NAME(place, value); }

#define CUDA_ON_CPU_COMPARE(T)                                                                   \
  __attribute__((no_sanitize("thread"))) inline T atomicCAS(T *place, T compare, T value) {      \
    return cuda_on_cpu::change(place, [=](T old) __attribute__((no_sanitize("thread"))) -> T {   \
      return old == compare ? value : old;                                                       \
    });                                                                                          \
  }                                                                                              \
  inline T atomicCAS_block(T *place, T compare, T value) {                                       \
    return atomicCAS(place, compare, value);                                                     \
  }                                                                                              \
  inline T atomicCAS_system(T *place, T compare, T value) {                                      \
    return atomicCAS(place, compare, value);                                                     \
  }

CUDA_ON_CPU_ATOMIC(atomicAdd, int, int(unsigned(old) + unsigned(value)))
CUDA_ON_CPU_ATOMIC(atomicAdd, unsigned, old + value)
CUDA_ON_CPU_ATOMIC(atomicAdd, unsigned long long, old + value)
CUDA_ON_CPU_ATOMIC(atomicAdd, float, old + value)
CUDA_ON_CPU_ATOMIC(atomicAdd, double, old + value)
CUDA_ON_CPU_ATOMIC(atomicSub, int, int(unsigned(old) - unsigned(value)))
CUDA_ON_CPU_ATOMIC(atomicSub, unsigned, old - value)
CUDA_ON_CPU_ATOMIC(atomicExch, int, value)
CUDA_ON_CPU_ATOMIC(atomicExch, unsigned, value)
CUDA_ON_CPU_ATOMIC(atomicExch, unsigned long long, value)
CUDA_ON_CPU_ATOMIC(atomicExch, float, value)
CUDA_ON_CPU_ATOMIC(atomicInc, unsigned, old >= value ? 0 : old + 1)
CUDA_ON_CPU_ATOMIC(atomicDec, unsigned, old == 0 || old > value ? value : old - 1)
#define CUDA_ON_CPU_ORDERED(T)                                    \
  CUDA_ON_CPU_ATOMIC(atomicMin, T, value < old ? value : old)     \
  CUDA_ON_CPU_ATOMIC(atomicMax, T, value > old ? value : old)
CUDA_ON_CPU_ORDERED(int)
CUDA_ON_CPU_ORDERED(unsigned)
CUDA_ON_CPU_ORDERED(long long)
CUDA_ON_CPU_ORDERED(unsigned long long)
#define CUDA_ON_CPU_BITWISE(T)                       \
  CUDA_ON_CPU_ATOMIC(atomicAnd, T, old & value)      \
  CUDA_ON_CPU_ATOMIC(atomicOr, T, old | value)       \
  CUDA_ON_CPU_ATOMIC(atomicXor, T, old ^ value)
CUDA_ON_CPU_BITWISE(int)
CUDA_ON_CPU_BITWISE(unsigned)
CUDA_ON_CPU_BITWISE(unsigned long long)
CUDA_ON_CPU_COMPARE(int)
CUDA_ON_CPU_COMPARE(unsigned)
CUDA_ON_CPU_COMPARE(unsigned long long)
CUDA_ON_CPU_COMPARE(unsigned short)
#undef CUDA_ON_CPU_ATOMIC
#undef CUDA_ON_CPU_COMPARE
#undef CUDA_ON_CPU_ORDERED
#undef CUDA_ON_CPU_BITWISE

// Loads and stores that name a cache, of the types of CUDA's overloads.
#define CUDA_ON_CPU_LOADS(T)                                  \
  inline T __ldg(const T *place) { return *place; }           \
  inline T __ldca(const T *place) { return *place; }          \
  inline T __ldcg(const T *place) { return *place; }          \
  inline T __ldcs(const T *place) { return *place; }          \
  inline T __ldcv(const T *place) { return *place; }          \
  inline void __stwb(T *place, T value) { *place = value; }   \
  inline void __stcg(T *place, T value) { *place = value; }   \
  inline void __stcs(T *place, T value) { *place = value; }   \
  inline void __stwt(T *place, T value) { *place = value; }
#define CUDA_ON_CPU_VECTORS(T, NAME) \
  CUDA_ON_CPU_LOADS(T)               \
  CUDA_ON_CPU_LOADS(NAME##2)         \
  CUDA_ON_CPU_LOADS(NAME##4)
CUDA_ON_CPU_LOADS(char)
CUDA_ON_CPU_VECTORS(signed char, char)
CUDA_ON_CPU_VECTORS(unsigned char, uchar)
CUDA_ON_CPU_VECTORS(short, short)
CUDA_ON_CPU_VECTORS(unsigned short, ushort)
CUDA_ON_CPU_VECTORS(int, int)
CUDA_ON_CPU_VECTORS(unsigned, uint)
CUDA_ON_CPU_VECTORS(float, float)
CUDA_ON_CPU_LOADS(long)
CUDA_ON_CPU_LOADS(unsigned long)
CUDA_ON_CPU_LOADS(long long)
CUDA_ON_CPU_LOADS(longlong2)
CUDA_ON_CPU_LOADS(unsigned long long)
CUDA_ON_CPU_LOADS(ulonglong2)
CUDA_ON_CPU_LOADS(double)
CUDA_ON_CPU_LOADS(double2)
#undef CUDA_ON_CPU_LOADS
#undef CUDA_ON_CPU_VECTORS
