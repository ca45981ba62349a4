// CUDA's mathematical functions: those that C has too, in the overloads that CUDA has, and the
// others. A function of float that C does not have is computed in double and rounded once.
#pragma once
#pragma GCC system_header

#include <cmath>

#include "bits.h"

namespace cuda_on_cpu {

double erfinv(double x), erfcinv(double x), erfcx(double x), normcdf(double x);
double normcdfinv(double x), sinpi(double x), cospi(double x);
double bessel_i0(double x), bessel_i1(double x);

}  // namespace cuda_on_cpu

using std::isfinite;
using std::isinf;
using std::isnan;
using std::signbit;

#define CUDA_ON_CPU_FUNCTION(NAME, EXPRESSION)                                                  \
  inline double NAME(double x) { return EXPRESSION; }                                           \
  inline float NAME(float y) { const double x = y; return static_cast<float>(EXPRESSION); }     \
  inline float NAME##f(float y) { return NAME(y); }                                             \
  template <typename I, std::enable_if_t<std::is_integral_v<I>, int> = 0>                       \
  inline double NAME(I x) { return NAME(static_cast<double>(x)); }
CUDA_ON_CPU_FUNCTION(rsqrt, 1 / std::sqrt(x))
CUDA_ON_CPU_FUNCTION(rcbrt, 1 / std::cbrt(x))
CUDA_ON_CPU_FUNCTION(sinpi, cuda_on_cpu::sinpi(x))
CUDA_ON_CPU_FUNCTION(cospi, cuda_on_cpu::cospi(x))
CUDA_ON_CPU_FUNCTION(erfinv, cuda_on_cpu::erfinv(x))
CUDA_ON_CPU_FUNCTION(erfcinv, cuda_on_cpu::erfcinv(x))
CUDA_ON_CPU_FUNCTION(erfcx, cuda_on_cpu::erfcx(x))
CUDA_ON_CPU_FUNCTION(normcdf, cuda_on_cpu::normcdf(x))
CUDA_ON_CPU_FUNCTION(normcdfinv, cuda_on_cpu::normcdfinv(x))
CUDA_ON_CPU_FUNCTION(cyl_bessel_i0, cuda_on_cpu::bessel_i0(x))
CUDA_ON_CPU_FUNCTION(cyl_bessel_i1, cuda_on_cpu::bessel_i1(x))
#undef CUDA_ON_CPU_FUNCTION

// glibc declares these of double only, and has `exp10` as an extension.
#define CUDA_ON_CPU_OF_FLOAT(NAME) \
  inline float NAME(float x) { return NAME##f(x); }
CUDA_ON_CPU_OF_FLOAT(exp10)
CUDA_ON_CPU_OF_FLOAT(j0)
CUDA_ON_CPU_OF_FLOAT(j1)
CUDA_ON_CPU_OF_FLOAT(y0)
CUDA_ON_CPU_OF_FLOAT(y1)
#undef CUDA_ON_CPU_OF_FLOAT
inline float jn(int n, float x) { return jnf(n, x); }
inline float yn(int n, float x) { return ynf(n, x); }

inline double rhypot(double x, double y) { return 1 / std::hypot(x, y); }
inline float rhypot(float x, float y) { return float(rhypot(double(x), double(y))); }
inline float rhypotf(float x, float y) { return rhypot(x, y); }
inline double norm3d(double x, double y, double z) { return std::hypot(x, y, z); }
inline float norm3df(float x, float y, float z) { return float(std::hypot(double(x), y, z)); }
inline double rnorm3d(double x, double y, double z) { return 1 / norm3d(x, y, z); }
inline float rnorm3df(float x, float y, float z) { return float(1 / std::hypot(double(x), y, z)); }
inline double norm4d(double x, double y, double z, double w) {
  return std::hypot(std::hypot(x, y), std::hypot(z, w));
}
inline float norm4df(float x, float y, float z, float w) { return float(norm4d(x, y, z, w)); }

inline void sincos(float x, float *s, float *c) { *s = std::sin(x); *c = std::cos(x); }
inline void sincospi(double x, double *s, double *c) { *s = sinpi(x); *c = cospi(x); }
inline void sincospi(float x, float *s, float *c) { *s = sinpi(x); *c = cospi(x); }
inline void sincospif(float x, float *s, float *c) { sincospi(x, s, c); }

// The fast ones are allowed to be less exact, not told how: a kernel may not depend on it.
inline float __expf(float x) { return expf(x); }
inline float __exp10f(float x) { return exp10f(x); }
inline float __logf(float x) { return logf(x); }
inline float __log2f(float x) { return log2f(x); }
inline float __log10f(float x) { return log10f(x); }
inline float __sinf(float x) { return sinf(x); }
inline float __cosf(float x) { return cosf(x); }
inline float __tanf(float x) { return tanf(x); }
inline void __sincosf(float x, float *s, float *c) { sincos(x, s, c); }
inline float __powf(float x, float y) { return powf(x, y); }
inline float __fdividef(float x, float y) { return x / y; }
inline float fdividef(float x, float y) { return x / y; }
inline double fdivide(double x, double y) { return x / y; }
inline float __frsqrt_rn(float x) { return rsqrt(x); }
inline float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1.0f) : 0.0f; }  // of NaN: 0

// Smallest and largest: of mixed types as CUDA has them, and of NaN and a number the number.
#define CUDA_ON_CPU_LESSER(A, B, R)                                                              \
  inline R min(A x, B y) { const R a = x, b = y; return b < a ? b : a; }                         \
  inline R max(A x, B y) { const R a = x, b = y; return a < b ? b : a; }
CUDA_ON_CPU_LESSER(int, int, int)
CUDA_ON_CPU_LESSER(unsigned, unsigned, unsigned)
CUDA_ON_CPU_LESSER(int, unsigned, unsigned)
CUDA_ON_CPU_LESSER(unsigned, int, unsigned)
CUDA_ON_CPU_LESSER(long, long, long)
CUDA_ON_CPU_LESSER(unsigned long, unsigned long, unsigned long)
CUDA_ON_CPU_LESSER(long, unsigned long, unsigned long)
CUDA_ON_CPU_LESSER(unsigned long, long, unsigned long)
CUDA_ON_CPU_LESSER(long long, long long, long long)
CUDA_ON_CPU_LESSER(unsigned long long, unsigned long long, unsigned long long)
CUDA_ON_CPU_LESSER(long long, unsigned long long, unsigned long long)
CUDA_ON_CPU_LESSER(unsigned long long, long long, unsigned long long)
#undef CUDA_ON_CPU_LESSER
#define CUDA_ON_CPU_LESSER(A, B, R)                                 \
  inline R min(A x, B y) { return std::fmin(R(x), R(y)); }          \
  inline R max(A x, B y) { return std::fmax(R(x), R(y)); }
CUDA_ON_CPU_LESSER(float, float, float)
CUDA_ON_CPU_LESSER(double, double, double)
CUDA_ON_CPU_LESSER(float, double, double)
CUDA_ON_CPU_LESSER(double, float, double)
#undef CUDA_ON_CPU_LESSER
inline unsigned umin(unsigned a, unsigned b) { return min(a, b); }
inline unsigned umax(unsigned a, unsigned b) { return max(a, b); }
inline long long llmin(long long a, long long b) { return min(a, b); }
inline long long llmax(long long a, long long b) { return max(a, b); }
inline unsigned long long ullmin(unsigned long long a, unsigned long long b) { return min(a, b); }
inline unsigned long long ullmax(unsigned long long a, unsigned long long b) { return max(a, b); }
