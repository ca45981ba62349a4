// The numbers of CUDA that C++ lacks, and rounding to the precision of tensor cores.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "common.h"

namespace cuda_on_cpu {

using Half = _Float16;

inline uint32_t bits_of(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

inline float float_of(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

class Bfloat16 {
 public:
  Bfloat16() = default;
  explicit Bfloat16(float x) {
    const uint32_t bits = bits_of(x);
    const uint32_t to_even = 0x7FFF + (bits >> 16 & 1);
    bits_ = std::isnan(x) ? 0x7FFF : uint16_t((bits + to_even) >> 16);
  }
  explicit operator float() const { return float_of(uint32_t(bits_) << 16); }

 private:
  uint16_t bits_;
};

// What tensor cores make of float32 operands before they multiply them.
enum class Precision { FULL, TF32, HALF, BFLOAT16 };

inline float rounded(float x, Precision precision) {
  switch (precision) {
    case Precision::TF32:  // 10 bits of fraction, ties away from zero
      return std::isfinite(x) ? float_of((bits_of(x) + 0x1000) & ~0x1FFFu) : x;
    case Precision::HALF: return float(Half(x));
    case Precision::BFLOAT16: return float(Bfloat16(x));
    case Precision::FULL: break;
  }
  return x;
}

inline double rounded(double x, Precision) { return x; }
inline complex128 rounded(complex128 x, Precision) { return x; }
inline Half rounded(Half x, Precision) { return x; }
inline int32_t rounded(int32_t x, Precision) { return x; }
inline complex64 rounded(complex64 x, Precision precision) {
  return {rounded(x.real(), precision), rounded(x.imag(), precision)};
}

}  // namespace cuda_on_cpu
