// What a kernel source needs to be compiled as plain C++ by the host compiler: CUDA's qualifiers,
// its overloaded functions, and a float16 with the conversions of CuPy's class of that name.

#include <math.h>
#include <stdint.h>
#include <string.h>

#define __device__
#define __host__
#define __forceinline__ inline

inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dmul_rn(double a, double b) { return a * b; }

inline double normcdf(double x) { return 0.5 * erfc(-x * M_SQRT1_2); }
inline float normcdf(float x) { return static_cast<float>(normcdf(static_cast<double>(x))); }

inline uint16_t float_to_half(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  const uint16_t sign = bits >> 16 & 0x8000;
  bits &= 0x7fffffff;
  if (bits > 0x7f800000) return sign | 0x7e00;   // NaN
  if (bits >= 0x47800000) return sign | 0x7c00;  // from 65536 on: infinity
  if (bits < 0x38800000) {                       // a denormal half: the sum rounds to its step
    float magnitude;
    memcpy(&magnitude, &bits, 4);
    magnitude += 0.5f;
    memcpy(&bits, &magnitude, 4);
    return sign | static_cast<uint16_t>(bits - 0x3f000000);
  }
  bits += 0xfff + (bits >> 13 & 1);              // to nearest, ties to even
  return sign | static_cast<uint16_t>((bits - 0x38000000) >> 13);
}

inline float half_to_float(uint16_t half) {
  const int exponent = half >> 10 & 31, fraction = half & 1023;
  const float magnitude = exponent == 31 ? (fraction ? NAN : INFINITY)
                          : exponent     ? ldexpf(1024.0f + fraction, exponent - 25)
                                         : ldexpf(fraction, -24);
  return half & 0x8000 ? -magnitude : magnitude;
}

class float16 {
  uint16_t bits_;

 public:
  float16() {}
  float16(float value) : bits_(float_to_half(value)) {}
  explicit float16(double value) : bits_(float_to_half(static_cast<float>(value))) {}
  explicit float16(int value) : bits_(float_to_half(static_cast<float>(value))) {}
  operator float() const { return half_to_float(bits_); }
};
