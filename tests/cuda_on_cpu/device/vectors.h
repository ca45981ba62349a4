// CUDA's vector types, with its alignments, and the functions that make them. They take the place
// of `vector_types.h` and `vector_functions.h`, which lead to all headers of the runtime.
#pragma once
#pragma GCC system_header

#include "qualifiers.h"

#define __VECTOR_TYPES_H__
#define __VECTOR_FUNCTIONS_H__

#define CUDA_ON_CPU_VECTORS(T, NAME, TWO, FOUR)                                               \
  struct NAME##1 { T x; };                                                                    \
  struct alignas(TWO) NAME##2 { T x, y; };                                                    \
  struct NAME##3 { T x, y, z; };                                                              \
  struct alignas(FOUR) NAME##4 { T x, y, z, w; };                                             \
  inline NAME##1 make_##NAME##1(T x) { return {x}; }                                          \
  inline NAME##2 make_##NAME##2(T x, T y) { return {x, y}; }                                  \
  inline NAME##3 make_##NAME##3(T x, T y, T z) { return {x, y, z}; }                          \
  inline NAME##4 make_##NAME##4(T x, T y, T z, T w) { return {x, y, z, w}; }

CUDA_ON_CPU_VECTORS(signed char, char, 2, 4)
CUDA_ON_CPU_VECTORS(unsigned char, uchar, 2, 4)
CUDA_ON_CPU_VECTORS(short, short, 4, 8)
CUDA_ON_CPU_VECTORS(unsigned short, ushort, 4, 8)
CUDA_ON_CPU_VECTORS(int, int, 8, 16)
CUDA_ON_CPU_VECTORS(unsigned, uint, 8, 16)
CUDA_ON_CPU_VECTORS(long, long, 16, 16)
CUDA_ON_CPU_VECTORS(unsigned long, ulong, 16, 16)
CUDA_ON_CPU_VECTORS(long long, longlong, 16, 16)
CUDA_ON_CPU_VECTORS(unsigned long long, ulonglong, 16, 16)
CUDA_ON_CPU_VECTORS(float, float, 8, 16)
CUDA_ON_CPU_VECTORS(double, double, 16, 16)
#undef CUDA_ON_CPU_VECTORS

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
  constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
  constexpr operator uint3() const { return {x, y, z}; }
};
