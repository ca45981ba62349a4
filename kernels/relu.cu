// relu(x) = max(x, 0) and its fused VJP, which reads the output y and not x.
//
//   x          relu    relu'
//   NaN        NaN     0
//   -0.0, 0.0  +0.0    0
//   inf        inf     1
//
// Both select and never multiply by a mask: inf * 0 must not appear. A zero always comes out as
// +0.0. T is float, double, or a float16 class that converts to and from float.

namespace gpugrad {

template <typename T>
__device__ inline T relu(T x) {
  // `x == x` fails for NaN alone. Asking `x < 0` instead would let -0.0 through, and, where
  // denormals count as zero in a comparison (-ftz=true), negative denormals too.
  return x > T(0) ? x : x == x ? T(0) : x;
}

template <typename T>
__device__ inline T relu_vjp(T g, T y) {
  return y > T(0) ? g : T(0);
}

}  // namespace gpugrad
