// The discrete Fourier transform of one length, in double precision: mixed radix, and Bluestein's
// convolution for large prime factors.
#pragma once

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "common.h"

namespace cuda_on_cpu {

class Fourier {
 public:
  // `sign` is that of the exponent.
  Fourier(size_t n, int sign) : n_(n), sign_(sign), roots_(n) {
    for (size_t k = 0; k < n; ++k) roots_[k] = root(k, n);
    for (size_t rest = n; rest > 1;) {
      const size_t p = smallest_factor(rest);
      rest /= p;
      if (p > LARGEST_DIRECT) add_chirp(p);
    }
  }

  // Transforms n numbers that lie `stride` apart.
  void operator()(complex128 *x, size_t stride) const {
    std::vector<complex128> from(n_), to(n_);
    for (size_t i = 0; i < n_; ++i) from[i] = x[i * stride];
    transform(n_, from.data(), 1, to.data());
    for (size_t i = 0; i < n_; ++i) x[i * stride] = to[i];
  }

 private:
  static constexpr size_t LARGEST_DIRECT = 64;

  // For a large prime p: the chirp, and the transform of what it is convolved with.
  struct Chirp {
    size_t p;
    std::vector<complex128> chirp, kernel;
    std::unique_ptr<Fourier> there, back;
  };

  static size_t smallest_factor(size_t n) {
    for (size_t p = 2; p * p <= n; ++p)
      if (n % p == 0) return p;
    return n;
  }

  complex128 root(size_t k, size_t n) const {
    const long double angle = 2 * M_PIl * (long double)(k) / (long double)(n);
    return {double(std::cos(angle)), double((long double)(sign_) * std::sin(angle))};
  }

  void add_chirp(size_t p) {
    for (const Chirp &known : chirps_)
      if (known.p == p) return;
    size_t padded = 1;
    while (padded < 2 * p - 1) padded *= 2;
    Chirp made{p, std::vector<complex128>(p), std::vector<complex128>(padded),
               std::make_unique<Fourier>(padded, -1), std::make_unique<Fourier>(padded, 1)};
    for (size_t k = 0; k < p; ++k) {
      made.chirp[k] = root(k * k % (2 * p), 2 * p);
      made.kernel[k] = made.kernel[(padded - k) % padded] = std::conj(made.chirp[k]);
    }
    (*made.there)(made.kernel.data(), 1);
    chirps_.push_back(std::move(made));
  }

  void transform(size_t n, const complex128 *from, size_t stride, complex128 *to) const {
    if (n == 1) {
      *to = *from;
      return;
    }
    const size_t p = smallest_factor(n), m = n / p;
    if (m == 1 && p > LARGEST_DIRECT) return convolve(p, from, stride, to);
    for (size_t r = 0; r < p; ++r) transform(m, from + r * stride, stride * p, to + r * m);
    const size_t step = n_ / n;
    std::vector<complex128> parts(p);
    for (size_t k = 0; k < m; ++k) {
      for (size_t r = 0; r < p; ++r) parts[r] = to[r * m + k] * roots_[r * k * step];
      for (size_t q = 0; q < p; ++q) {
        complex128 sum = parts[0];
        for (size_t r = 1; r < p; ++r) sum += parts[r] * roots_[r * q % p * m * step];
        to[q * m + k] = sum;
      }
    }
  }

  void convolve(size_t p, const complex128 *from, size_t stride, complex128 *to) const {
    for (const Chirp &c : chirps_) {
      if (c.p != p) continue;
      const size_t padded = c.kernel.size();
      std::vector<complex128> x(padded);
      for (size_t k = 0; k < p; ++k) x[k] = from[k * stride] * c.chirp[k];
      (*c.there)(x.data(), 1);
      for (size_t k = 0; k < padded; ++k) x[k] *= c.kernel[k];
      (*c.back)(x.data(), 1);
      for (size_t k = 0; k < p; ++k) to[k] = x[k] * c.chirp[k] / double(padded);
    }
  }

  size_t n_;
  int sign_;
  std::vector<complex128> roots_;
  std::vector<Chirp> chirps_;
};

}  // namespace cuda_on_cpu
