// cuRAND: uniform, normal and Poisson numbers of a default generator.
//
// They are not the numbers of XORWOW: number i is a hash of the seed and i. What they are
// distributed as, how many may be asked for and where they go is as documented.
#include <cmath>
#include <random>

#include "common.h"

using namespace cuda_on_cpu;

namespace {

enum Status {
  SUCCESS = 0, NOT_INITIALIZED = 101, TYPE_ERROR = 103, OUT_OF_RANGE = 104,
  LENGTH_NOT_MULTIPLE = 105, LAUNCH_FAILURE = 201,
};

constexpr int PSEUDO_DEFAULT = 100, XORWOW = 101;
constexpr int FIRST_ORDERING = 100, LAST_ORDERING = 105;
constexpr int VERSION = 10400;

struct Generator {
  void *stream = nullptr;
  uint64_t seed = 0, next = 0;
};

Made<Generator> generators;

// Number `index` of the sequence of `seed`: two rounds of SplitMix64's finalizer.
uint64_t bits(uint64_t seed, uint64_t index) {
  uint64_t x = seed * 0x9E3779B97F4A7C15u + index;
  for (int round = 0; round < 2; ++round) {
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    x ^= x >> 31;
  }
  return x;
}

// In (0, 1], as documented.
template <typename R> R uniform(uint64_t word) {
  constexpr int digits = std::numeric_limits<R>::digits;
  return std::ldexp(R((word >> (64 - digits)) + 1), -digits);
}

// One of a pair of normal numbers, by Box and Muller.
template <typename R> R normal(uint64_t seed, uint64_t index) {
  const R u = uniform<R>(bits(seed, index & ~uint64_t(1)));
  const R v = uniform<R>(bits(seed, index | 1)) * R(2 * M_PI);
  return std::sqrt(-2 * std::log(u)) * (index & 1 ? std::sin(v) : std::cos(v));
}

template <typename T>
int queue(void *handle, const char *call, T *out, size_t n,
          std::function<T(uint64_t, uint64_t)> at) {
  Generator *const g = generators.find(handle);
  if (!g) return refuse(call, NOT_INITIALIZED, "no generator");
  if (is_capturing(g->stream))
    return refuse(call, LAUNCH_FAILURE, "nothing says that it can be captured");
  const uint64_t seed = g->seed, first = g->next;
  g->next += n;
  if (!n) return SUCCESS;
  const int failed = queue_on(g->stream, call, [=] {
    touch(call, "the output", out, n);
    for (size_t i = 0; i < n; ++i) out[i] = at(seed, first + i);
  });
  return failed ? refuse(call, LAUNCH_FAILURE, "the stream does not take it") : int(SUCCESS);
}

template <typename R, typename Use>
int queue_normal(void *handle, const char *call, R *out, size_t n, Use use) {
  if (n % 2) return refuse(call, LENGTH_NOT_MULTIPLE, "normal numbers come in pairs");
  return queue<R>(handle, call, out, n,
                  [=](uint64_t seed, uint64_t i) { return use(normal<R>(seed, i)); });
}

}  // namespace

#define CURAND_GENERATOR(handle)                                                \
  Generator *const g = generators.find(handle);                                 \
  if (!g) return refuse(__func__, NOT_INITIALIZED, "no generator")

extern "C" {

int curandCreateGenerator(void **handle, int type) {
  if (!handle || (type != PSEUDO_DEFAULT && type != XORWOW))
    return refuse(__func__, TYPE_ERROR,
                  "of the generators only the default, XORWOW, not " + std::to_string(type));
  *handle = generators.add(new Generator);
  return SUCCESS;
}

int curandDestroyGenerator(void *handle) {
  CURAND_GENERATOR(handle);
  generators.remove(g);
  return SUCCESS;
}

int curandGetVersion(int *version) {
  *version = VERSION;
  return SUCCESS;
}

int curandSetStream(void *handle, void *stream) {
  CURAND_GENERATOR(handle);
  g->stream = stream;
  return SUCCESS;
}

int curandSetPseudoRandomGeneratorSeed(void *handle, unsigned long long seed) {
  CURAND_GENERATOR(handle);
  g->seed = seed;
  g->next = 0;
  return SUCCESS;
}

int curandSetGeneratorOffset(void *handle, unsigned long long offset) {
  CURAND_GENERATOR(handle);
  g->next = offset;
  return SUCCESS;
}

int curandSetGeneratorOrdering(void *handle, int ordering) {
  CURAND_GENERATOR(handle);
  if (ordering < FIRST_ORDERING || ordering > LAST_ORDERING)
    return refuse(__func__, OUT_OF_RANGE, "no such ordering");
  return SUCCESS;
}

int curandGenerate(void *handle, unsigned *out, size_t n) {
  return queue<unsigned>(handle, __func__, out, n, [](uint64_t seed, uint64_t i) {
    return unsigned(bits(seed, i) >> 32);
  });
}

// Only the quasi-random generators of 64 bits have it.
int curandGenerateLongLong(void *handle, unsigned long long *, size_t) {
  CURAND_GENERATOR(handle);
  return refuse(__func__, TYPE_ERROR, "XORWOW has no numbers of 64 bits");
}

int curandGeneratePoisson(void *handle, unsigned *out, size_t n, double mean) {
  if (!(mean > 0)) return refuse(__func__, OUT_OF_RANGE, "a mean is positive");
  return queue<unsigned>(handle, __func__, out, n, [=](uint64_t seed, uint64_t i) {
    std::mt19937_64 engine(bits(seed, i));
    return std::poisson_distribution<unsigned>(mean)(engine);
  });
}

#define EACH_TYPE(SUFFIX, R)                                                                      \
  int curandGenerateUniform##SUFFIX(void *handle, R *out, size_t n) {                             \
    return queue<R>(handle, __func__, out, n,                                                     \
                    [](uint64_t seed, uint64_t i) { return uniform<R>(bits(seed, i)); });         \
  }                                                                                               \
  int curandGenerateNormal##SUFFIX(void *handle, R *out, size_t n, R mean, R deviation) {         \
    return queue_normal<R>(handle, __func__, out, n,                                              \
                           [=](R x) { return mean + deviation * x; });                            \
  }                                                                                               \
  int curandGenerateLogNormal##SUFFIX(void *handle, R *out, size_t n, R mean, R deviation) {      \
    return queue_normal<R>(handle, __func__, out, n,                                              \
                           [=](R x) { return std::exp(mean + deviation * x); });                  \
  }
EACH_TYPE(, float) EACH_TYPE(Double, double)

}  // extern "C"
