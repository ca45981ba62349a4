// The mathematical functions of CUDA that C does not have, to about one unit in the last place of
// double: inside they are computed in the host's `long double`, which has eleven bits more.

#include <cmath>
#include <limits>

namespace cuda_on_cpu {

namespace {

constexpr long double pi = 3.141592653589793238462643383279502884L;
constexpr long double root_2 = 1.414213562373095048801688724209698079L;
constexpr long double slope = 1.128379167095512573896158903121545172L;  // 2 / sqrt(pi)

// y = erfc(x) for x >= 0, so 0 < y <= 1: a start by Winitzki's formula, then Halley's steps.
long double inverse_erfc(long double y) {
  const long double log_term = std::log(y * (2 - y)), a = 0.147L;
  const long double half = 2 / (pi * a) + log_term / 2;
  long double x = std::sqrt(std::sqrt(half * half - log_term / a) - half);
  for (int i = 0; i < 6; ++i) {
    const long double step = (std::erfc(x) - y) * std::exp(x * x) / slope;
    x += step / (1 - x * step);
  }
  return x;
}

long double erfc_inverse(long double y) {
  if (!(y >= 0 && y <= 2)) return std::numeric_limits<long double>::quiet_NaN();
  if (y == 0) return std::numeric_limits<long double>::infinity();
  if (y == 2) return -std::numeric_limits<long double>::infinity();
  return y <= 1 ? inverse_erfc(y) : -inverse_erfc(2 - y);
}

// The modified Bessel function of order 0 or 1 for x >= 0, by its series: all terms are positive.
long double bessel(int order, long double x) {
  if (x > 800) return std::numeric_limits<long double>::infinity();  // of any double, too
  long double term = order ? x / 2 : 1, sum = term;
  for (int k = 1; term > sum * std::numeric_limits<long double>::epsilon(); ++k) {
    term *= x * x / 4 / k / (k + order);
    sum += term;
  }
  return sum == sum ? sum : x;
}

}  // namespace

double erfcinv(double x) { return static_cast<double>(erfc_inverse(x)); }

double erfinv(double x) {
  if (x == 0) return x;
  const long double size = std::fabs(x);
  if (!(size <= 0.5L)) {
    const long double found = erfc_inverse(1 - size);
    return static_cast<double>(x < 0 ? -found : found);
  }
  long double y = x / slope;
  for (int i = 0; i < 6; ++i) {
    const long double step = (std::erf(y) - x) * std::exp(y * y) / slope;
    y -= step / (1 + y * step);
  }
  return static_cast<double>(y);
}

double normcdf(double x) { return static_cast<double>(std::erfc(-x / root_2) / 2); }
double normcdfinv(double x) {
  return static_cast<double>(-root_2 * erfc_inverse(2 * static_cast<long double>(x)));
}

double erfcx(double x) {
  const long double z = x;
  if (x < 50) return static_cast<double>(std::exp(z * z) * std::erfc(z));
  const long double t = 1 / (2 * z * z);
  return static_cast<double>((1 - t * (1 - 3 * t * (1 - 5 * t * (1 - 7 * t)))) * slope / (2 * z));
}

double sinpi(double x) {
  if (!std::isfinite(x)) return std::numeric_limits<double>::quiet_NaN();
  const long double rest = std::remainder(static_cast<long double>(x), 2);  // exact, within [-1, 1]
  if (std::fabs(rest) == 1 || rest == 0) return std::copysign(0.0, x);
  const long double size = std::fabs(rest);
  const long double within = size > 0.5L ? std::copysign(1 - size, rest) : rest;
  return static_cast<double>(std::sin(pi * within));
}

double cospi(double x) {
  if (!std::isfinite(x)) return std::numeric_limits<double>::quiet_NaN();
  const long double rest = std::fabs(std::remainder(static_cast<long double>(x), 2));
  if (rest == 0.5L) return 0;
  return static_cast<double>(rest > 0.75L   ? -std::cos(pi * (1 - rest))
                             : rest > 0.25L ? std::sin(pi * (0.5L - rest))
                                            : std::cos(pi * rest));
}

double bessel_i0(double x) { return static_cast<double>(bessel(0, std::fabs(x))); }
double bessel_i1(double x) {
  const double found = static_cast<double>(bessel(1, std::fabs(x)));
  return x < 0 ? -found : found;
}

}  // namespace cuda_on_cpu
