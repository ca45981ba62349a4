// Philox4x32-10 (Salmon et al., SC 2011): a block of four random words from a key and a number.
//
// The same bits as in `gpugrad/backends/philox.py`. A thread computes whole blocks.

namespace gpugrad {

struct Words4 { unsigned word[4]; };

__device__ inline Words4 philox(const unsigned *key, unsigned long long number) {
  unsigned first = key[0], second = key[1];
  unsigned a = unsigned(number), b = unsigned(number >> 32), c = 0, d = 0;
  for (int round = 0; round < 10; ++round) {
    const unsigned long long one = a * 0xD2511F53ull, other = c * 0xCD9E8D57ull;
    a = unsigned(other >> 32) ^ b ^ first;
    b = unsigned(other);
    c = unsigned(one >> 32) ^ d ^ second;
    d = unsigned(one);
    first += 0x9E3779B9u;
    second += 0xBB67AE85u;
  }
  return {{a, b, c, d}};
}

__device__ inline void random_block(const Words4 &words, unsigned *values) {
  for (int i = 0; i < 4; ++i) values[i] = words.word[i];
}
// From 0 on and below 1.
__device__ inline void random_block(const Words4 &words, float *values) {
  for (int i = 0; i < 4; ++i) values[i] = (words.word[i] >> 8) * 0x1p-24f;
}
__device__ inline void random_block(const Words4 &words, double *values) {
  for (int i = 0; i < 2; ++i) {
    const unsigned long long high = words.word[2 * i], low = words.word[2 * i + 1];
    values[i] = ((high << 21) ^ (low >> 11)) * 0x1p-53;
  }
}

// a + b * c, rounded twice, as everywhere else: not as one operation.
__device__ inline float add_product(float a, float b, float c) {
  return __fadd_rn(a, __fmul_rn(b, c));
}
__device__ inline double add_product(double a, double b, double c) {
  return __dadd_rn(a, __dmul_rn(b, c));
}

// `size` of what `made` makes of words or numbers, from the begin of the stream of each key.
template <typename T, typename F>
__device__ inline void random_streams(const unsigned *keys, T *y, long long size,
                                      long long streams, F made) {
  constexpr int each = sizeof(T) == 8 ? 2 : 4;  // of a block
  const long long blocks = (size + each - 1) / each;  // of a stream
  const long long stride = gridDim.x * (long long)blockDim.x;
  for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < blocks * streams;
       i += stride) {
    const long long stream = streams == 1 ? 0 : i / blocks, block = i - stream * blocks;
    T values[4];
    random_block(philox(keys + 2 * stream, block), values);
    for (int k = 0; k < each && block * each + k < size; ++k)
      y[stream * size + block * each + k] = made(values[k]);
  }
}

__device__ inline void random_bits(const unsigned *keys, unsigned *y, long long size,
                                   long long streams) {
  random_streams(keys, y, size, streams, [](unsigned word) { return word; });
}

// The four numbers are `Interval` in `gpugrad/backends/philox.py`.
template <typename T>
__device__ inline void random_uniform(const unsigned *keys, T *y, long long size,
                                      long long streams, T start, T span, T factor, T below) {
  random_streams(keys, y, size, streams, [=](T u) {
    const T found = add_product(start, u, span) * factor;
    return found < below ? found : below;
  });
}

}  // namespace gpugrad
