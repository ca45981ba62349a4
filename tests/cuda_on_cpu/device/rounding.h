// Arithmetic and conversions that name how they round: rn to nearest, rz to zero, rd down, ru up.
#pragma once
#pragma GCC system_header

#include <fenv.h>

#include "qualifiers.h"

namespace cuda_on_cpu {

// What `compute` gives while the host rounds that way.
template <typename F> __attribute__((noinline)) auto rounded(int way, F compute) {
  const int before = fegetround();
  fesetround(way);
  volatile auto result = compute();
  fesetround(before);
  return +result;
}

// To an integer type of CUDA: NaN becomes 0 (of 64 bits: the smallest), what is too large the end.
template <typename I, typename F> inline I to_integer(F x) {
  if (x != x) return sizeof(I) == 8 ? I(1) << 63 : 0;
  constexpr F end = F(2) * F(std::numeric_limits<I>::max() / 2 + 1);  // exact, unlike the last one
  if (x >= end) return std::numeric_limits<I>::max();
  if (x < F(std::numeric_limits<I>::min())) return std::numeric_limits<I>::min();
  return static_cast<I>(x);
}

}  // namespace cuda_on_cpu

// The operands are volatile so that nothing is computed before the way is set.
#define CUDA_ON_CPU_BINARY(T, PREFIX, WAY, MODE)                                                 \
  inline T __##PREFIX##add_##WAY(T x, T y) {                                                     \
    volatile T a = x, b = y;                                                                     \
    return cuda_on_cpu::rounded(MODE, [&] { return a + b; });                                    \
  }                                                                                              \
  inline T __##PREFIX##sub_##WAY(T x, T y) {                                                     \
    volatile T a = x, b = y;                                                                     \
    return cuda_on_cpu::rounded(MODE, [&] { return a - b; });                                    \
  }                                                                                              \
  inline T __##PREFIX##mul_##WAY(T x, T y) {                                                     \
    volatile T a = x, b = y;                                                                     \
    return cuda_on_cpu::rounded(MODE, [&] { return a * b; });                                    \
  }                                                                                              \
  inline T __##PREFIX##div_##WAY(T x, T y) {                                                     \
    volatile T a = x, b = y;                                                                     \
    return cuda_on_cpu::rounded(MODE, [&] { return a / b; });                                    \
  }
#define CUDA_ON_CPU_OTHERS(T, PREFIX, FMA, WAY, MODE)                                            \
  inline T __##PREFIX##rcp_##WAY(T x) { return __##PREFIX##div_##WAY(T(1), x); }                 \
  inline T __##PREFIX##sqrt_##WAY(T x) {                                                         \
    volatile T a = x;                                                                            \
    return cuda_on_cpu::rounded(MODE, [&] { return std::sqrt(T(a)); });                          \
  }                                                                                              \
  inline T __##FMA##_##WAY(T x, T y, T z) {                                                \
    volatile T a = x, b = y, c = z;                                                              \
    return cuda_on_cpu::rounded(MODE, [&] { return std::fma(T(a), T(b), T(c)); });               \
  }
#define CUDA_ON_CPU_WAY(WAY, MODE)            \
  CUDA_ON_CPU_BINARY(float, f, WAY, MODE)     \
  CUDA_ON_CPU_BINARY(double, d, WAY, MODE)    \
  CUDA_ON_CPU_OTHERS(float, f, fmaf, WAY, MODE)     \
  CUDA_ON_CPU_OTHERS(double, d, fma, WAY, MODE)
CUDA_ON_CPU_WAY(rz, FE_TOWARDZERO)
CUDA_ON_CPU_WAY(rd, FE_DOWNWARD)
CUDA_ON_CPU_WAY(ru, FE_UPWARD)
#undef CUDA_ON_CPU_WAY
#undef CUDA_ON_CPU_BINARY
#undef CUDA_ON_CPU_OTHERS

// To nearest is how the host computes anyway. A barrier keeps a product and a sum from being fused.
#define CUDA_ON_CPU_NEAREST(T, PREFIX, FMA)                                                      \
  inline T __##PREFIX##add_rn(T a, T b) { T r = a + b; asm("" : "+x"(r)); return r; }            \
  inline T __##PREFIX##sub_rn(T a, T b) { T r = a - b; asm("" : "+x"(r)); return r; }            \
  inline T __##PREFIX##mul_rn(T a, T b) { T r = a * b; asm("" : "+x"(r)); return r; }            \
  inline T __##PREFIX##div_rn(T a, T b) { return a / b; }                                        \
  inline T __##PREFIX##rcp_rn(T a) { return 1 / a; }                                             \
  inline T __##PREFIX##sqrt_rn(T a) { return std::sqrt(a); }                                     \
  inline T __##FMA##_rn(T a, T b, T c) { return std::fma(a, b, c); }
CUDA_ON_CPU_NEAREST(float, f, fmaf)
CUDA_ON_CPU_NEAREST(double, d, fma)
#undef CUDA_ON_CPU_NEAREST

#define CUDA_ON_CPU_CONVERSION(FROM, F, TO, I, WAY, FUNCTION) \
  inline I __##FROM##2##TO##_##WAY(F x) { return cuda_on_cpu::to_integer<I>(FUNCTION(x)); }
#define CUDA_ON_CPU_CONVERSIONS(FROM, F, TO, I)                 \
  CUDA_ON_CPU_CONVERSION(FROM, F, TO, I, rn, std::nearbyint)    \
  CUDA_ON_CPU_CONVERSION(FROM, F, TO, I, rz, std::trunc)        \
  CUDA_ON_CPU_CONVERSION(FROM, F, TO, I, rd, std::floor)        \
  CUDA_ON_CPU_CONVERSION(FROM, F, TO, I, ru, std::ceil)
#define CUDA_ON_CPU_FROM(FROM, F)                               \
  CUDA_ON_CPU_CONVERSIONS(FROM, F, int, int)                    \
  CUDA_ON_CPU_CONVERSIONS(FROM, F, uint, unsigned)              \
  CUDA_ON_CPU_CONVERSIONS(FROM, F, ll, long long)               \
  CUDA_ON_CPU_CONVERSIONS(FROM, F, ull, unsigned long long)
CUDA_ON_CPU_FROM(float, float)
CUDA_ON_CPU_FROM(double, double)
#undef CUDA_ON_CPU_FROM
#undef CUDA_ON_CPU_CONVERSIONS
#undef CUDA_ON_CPU_CONVERSION

#define CUDA_ON_CPU_CONVERSION(FROM, F, TO, T, WAY, MODE)                      \
  inline T __##FROM##2##TO##_##WAY(F x) {                                      \
    volatile F a = x;                                                          \
    return cuda_on_cpu::rounded(MODE, [&] { return static_cast<T>(+a); });     \
  }
#define CUDA_ON_CPU_CONVERSIONS(FROM, F, TO, T)                   \
  CUDA_ON_CPU_CONVERSION(FROM, F, TO, T, rn, FE_TONEAREST)        \
  CUDA_ON_CPU_CONVERSION(FROM, F, TO, T, rz, FE_TOWARDZERO)       \
  CUDA_ON_CPU_CONVERSION(FROM, F, TO, T, rd, FE_DOWNWARD)         \
  CUDA_ON_CPU_CONVERSION(FROM, F, TO, T, ru, FE_UPWARD)
CUDA_ON_CPU_CONVERSIONS(double, double, float, float)
CUDA_ON_CPU_CONVERSIONS(int, int, float, float)
CUDA_ON_CPU_CONVERSIONS(uint, unsigned, float, float)
CUDA_ON_CPU_CONVERSIONS(ll, long long, float, float)
CUDA_ON_CPU_CONVERSIONS(ull, unsigned long long, float, float)
CUDA_ON_CPU_CONVERSIONS(ll, long long, double, double)
CUDA_ON_CPU_CONVERSIONS(ull, unsigned long long, double, double)
#undef CUDA_ON_CPU_CONVERSIONS
#undef CUDA_ON_CPU_CONVERSION
inline double __int2double_rn(int x) { return x; }
inline double __uint2double_rn(unsigned x) { return x; }
