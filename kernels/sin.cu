// sin(x), x in radians, and its fused VJP g * cos(x).
//
//   x           sin      VJP
//   -0.0        -0.0     g
//   inf, NaN    NaN      NaN, but 0 where g == 0
//
// The last line is the convention of `scale`: a slope that is not finite, under a cotangent of
// zero, contributes 0. T is float, double, or a float16 class that converts to and from float:
// a unary plus turns such a half into float, so that the result is rounded only once.

namespace gpugrad {

template <typename T>
__device__ inline T sin(T x) {
  return T(::sin(+x));
}

template <typename T>
__device__ inline T sin_vjp(T g, T x) {
  const auto slope = ::cos(+x);
  return +g == 0 && !isfinite(slope) ? T(0) : T(+g * slope);
}

}  // namespace gpugrad
