// cuFFT: plans of one to three axes with batches and strides.
#include <map>

#include "fourier.h"

using namespace cuda_on_cpu;

namespace {

enum Status {
  SUCCESS = 0, INVALID_PLAN = 1, ALLOC_FAILED = 2, INVALID_TYPE = 3, INVALID_VALUE = 4,
  EXEC_FAILED = 6, INVALID_SIZE = 8, NO_WORKSPACE = 13,
};

enum Type { R2C = 0x2a, C2R = 0x2c, C2C = 0x29, D2Z = 0x6a, Z2D = 0x6c, Z2Z = 0x69 };

constexpr int VERSION = 12000;

// How the elements of one side lie: of index (i, j, k) in batch b at
// b * batch + i * steps[0] + j * steps[1] + k * steps[2].
struct Layout {
  std::vector<long> shape, steps;
  long batch;

  size_t span(long batches) const {
    long last = (batches - 1) * batch;
    for (size_t i = 0; i < shape.size(); ++i) last += (shape[i] - 1) * steps[i];
    return size_t(last + 1);
  }
};

struct Plan {
  void *stream = nullptr;
  bool automatic = true;              // whether the plan allocates its work area
  bool made = false;
  int type = C2C;
  long batches = 0;
  std::vector<long> shape;            // of the transform
  Layout in, out;
  void *area = nullptr, *own = nullptr;
  size_t area_size = 0;
};

std::mutex lock;
std::map<int, Plan> plans;
int next_plan = 1;

// nullptr if there is no such plan. A plan must not be used by two threads at once.
Plan *find(int number) {
  std::lock_guard<std::mutex> hold(lock);
  auto found = plans.find(number);
  return found == plans.end() ? nullptr : &found->second;
}

bool is_type(int type) {
  return type == R2C || type == C2R || type == C2C || type == D2Z || type == Z2D || type == Z2Z;
}
bool reads_real(int type) { return type == R2C || type == D2Z; }
bool writes_real(int type) { return type == C2R || type == Z2D; }

// `embed` is the shape of the array in which the transformed part lies, or nullptr: then it is
// the whole array, and the strides count for nothing.
Layout layout(const std::vector<long> &shape, bool halved, const int *embed, long stride,
              long batch) {
  Layout made;
  made.shape = shape;
  if (halved) made.shape.back() = shape.back() / 2 + 1;
  made.steps.resize(shape.size());
  long step = embed ? stride : 1;
  for (size_t i = shape.size(); i-- > 0;) {
    made.steps[i] = step;
    step *= embed ? embed[i] : made.shape[i];
  }
  made.batch = embed ? batch : step;
  return made;
}

int make(const char *call, int number, int rank, const int *n, const int *in_embed, long in_stride,
         long in_batch, const int *out_embed, long out_stride, long out_batch, int type,
         int batches, size_t *size) {
  Plan *const plan = find(number);
  if (!plan || plan->made) return refuse(call, INVALID_PLAN, "no plan, or one made already");
  if (!is_type(type)) return refuse(call, INVALID_TYPE, "no type of transform");
  if (rank < 1 || rank > 3) return refuse(call, INVALID_SIZE, "1 to 3 axes");
  if (!n || !size) return refuse(call, INVALID_VALUE, "a null pointer");
  if (batches < 1) return refuse(call, INVALID_SIZE, "at least one batch");
  for (int i = 0; i < rank; ++i)
    if (n[i] < 1) return refuse(call, INVALID_SIZE, "at least one point along each axis");
  plan->type = type;
  plan->batches = batches;
  plan->shape.assign(n, n + rank);
  plan->in = layout(plan->shape, writes_real(type), in_embed, in_stride, in_batch);
  plan->out = layout(plan->shape, reads_real(type), out_embed, out_stride, out_batch);
  plan->area_size = size_t(batches) * 64;
  for (int i = 0; i < rank; ++i) plan->area_size += size_t(n[i]) * 16;
  if (plan->automatic && cudaMalloc(&plan->own, plan->area_size))
    return refuse(call, ALLOC_FAILED, "no memory for the work area, or not in this capture");
  plan->area = plan->own;
  plan->made = true;
  *size = plan->area_size;
  return SUCCESS;
}

// Calls `use` with each index of a shape, and its number in row-major order.
template <typename Use> void each(const std::vector<long> &shape, Use use) {
  std::vector<long> index(shape.size(), 0);
  for (size_t number = 0;; ++number) {
    use(index, number);
    size_t axis = shape.size();
    while (axis > 0 && ++index[axis - 1] == shape[axis - 1]) index[--axis] = 0;
    if (!axis) return;
  }
}

long place(const Layout &in, const std::vector<long> &index, long batch) {
  long at = batch * in.batch;
  for (size_t i = 0; i < index.size(); ++i) at += index[i] * in.steps[i];
  return at;
}

template <typename R>
std::vector<complex128> read(const Plan &plan, const void *in, long batch, size_t count) {
  std::vector<complex128> x(count);
  const long last = plan.shape.back();
  each(plan.shape, [&](const std::vector<long> &index, size_t number) {
    if (reads_real(plan.type)) {
      x[number] = static_cast<const R *>(in)[place(plan.in, index, batch)];
      return;
    }
    // Of a real result, the other half of the input is the conjugate of this one.
    std::vector<long> from = index;
    const bool other = writes_real(plan.type) && index.back() > last / 2;
    for (size_t i = 0; i < index.size() && other; ++i)
      from[i] = (plan.shape[i] - index[i]) % plan.shape[i];
    const complex128 value(
        static_cast<const std::complex<R> *>(in)[place(plan.in, from, batch)]);
    x[number] = other ? std::conj(value) : value;
  });
  return x;
}

template <typename R>
void write(const Plan &plan, void *out, long batch, const std::vector<complex128> &x) {
  const long last = plan.shape.back();
  each(plan.shape, [&](const std::vector<long> &index, size_t number) {
    if (reads_real(plan.type) && index.back() > last / 2) return;
    const long at = place(plan.out, index, batch);
    if (writes_real(plan.type)) static_cast<R *>(out)[at] = R(x[number].real());
    else static_cast<std::complex<R> *>(out)[at] = std::complex<R>(x[number]);
  });
}

template <typename R>
void execute(const char *call, const Plan &plan, void *in, void *out, int sign) {
  const size_t in_size =
      plan.in.span(plan.batches) * sizeof(R) * (reads_real(plan.type) ? 1 : 2);
  const size_t out_size =
      plan.out.span(plan.batches) * sizeof(R) * (writes_real(plan.type) ? 1 : 2);
  spoil(call, plan.area, plan.area_size);
  touch(call, "the input", in, in_size, sizeof(R));
  touch(call, "the output", out, out_size, sizeof(R));
  size_t count = 1;
  for (long n : plan.shape) count *= size_t(n);
  std::vector<std::vector<complex128>> results;
  for (long b = 0; b < plan.batches; ++b) results.push_back(read<R>(plan, in, b, count));
  size_t stride = 1;
  for (size_t axis = plan.shape.size(); axis-- > 0;) {
    const size_t n = size_t(plan.shape[axis]);
    const Fourier transform(n, sign);
    for (auto &x : results)
      for (size_t start = 0; start < count; ++start)
        if (start / stride % n == 0) transform(x.data() + start, stride);
    stride *= n;
  }
  // A real result may cost its input.
  if (writes_real(plan.type) && in != out) std::memset(in, 0xFF, in_size);
  for (long b = 0; b < plan.batches; ++b) write<R>(plan, out, b, results[size_t(b)]);
}

template <typename R>
int queue(const char *call, int number, int type, void *in, void *out, int sign) {
  Plan *const plan = find(number);
  if (!plan || !plan->made) return refuse(call, INVALID_PLAN, "no plan that has been made");
  if (plan->type != type) return refuse(call, INVALID_TYPE, "the plan is of another type");
  if (!in || !out) return refuse(call, INVALID_VALUE, "a null pointer");
  if (sign != 1 && sign != -1) return refuse(call, INVALID_VALUE, "a direction is 1 or -1");
  for (void *data : {in, out})
    if (reinterpret_cast<uintptr_t>(data) % (2 * sizeof(R)))
      return refuse(call, INVALID_VALUE, "both arrays must be aligned to complex numbers");
  if (!plan->area) return refuse(call, NO_WORKSPACE, "the plan has no work area");
  return queue_on(plan->stream, call,
              [=, plan = *plan] { execute<R>(call, plan, in, out, sign); })
             ? refuse(call, EXEC_FAILED, "the stream does not take it")
             : int(SUCCESS);
}

}  // namespace

extern "C" {

int cufftCreate(int *number) {
  if (!number) return refuse(__func__, INVALID_VALUE, "a null pointer");
  std::lock_guard<std::mutex> hold(lock);
  *number = next_plan++;
  plans[*number];
  return SUCCESS;
}

int cufftDestroy(int number) {
  Plan *const plan = find(number);
  if (!plan) return refuse(__func__, INVALID_PLAN, "no plan");
  if (plan->own) cudaFree(plan->own);
  std::lock_guard<std::mutex> hold(lock);
  plans.erase(number);
  return SUCCESS;
}

int cufftGetVersion(int *version) {
  if (!version) return refuse(__func__, INVALID_VALUE, "a null pointer");
  *version = VERSION;
  return SUCCESS;
}

int cufftSetAutoAllocation(int number, int automatic) {
  Plan *const plan = find(number);
  if (!plan || plan->made) return refuse(__func__, INVALID_PLAN, "no plan, or one made already");
  plan->automatic = automatic;
  return SUCCESS;
}

int cufftSetStream(int number, void *stream) {
  Plan *const plan = find(number);
  if (!plan) return refuse(__func__, INVALID_PLAN, "no plan");
  plan->stream = stream;
  return SUCCESS;
}

int cufftSetWorkArea(int number, void *area) {
  Plan *const plan = find(number);
  if (!plan || !plan->made) return refuse(__func__, INVALID_PLAN, "no plan that has been made");
  if (reinterpret_cast<uintptr_t>(area) % 16)
    return refuse(__func__, INVALID_VALUE, "the work area is not aligned");
  plan->area = area;
  return SUCCESS;
}

int cufftMakePlan1d(int number, int n, int type, int batches, size_t *size) {
  return make(__func__, number, 1, &n, nullptr, 1, 0, nullptr, 1, 0, type, batches, size);
}

int cufftMakePlanMany(int number, int rank, int *n, int *in_embed, int in_stride, int in_batch,
                      int *out_embed, int out_stride, int out_batch, int type, int batches,
                      size_t *size) {
  return make(__func__, number, rank, n, in_embed, in_stride, in_batch, out_embed, out_stride,
              out_batch, type, batches, size);
}

#define BOTH_WAYS(NAME, R)                                                      \
  int cufftExec##NAME(int number, void *in, void *out, int sign) {              \
    return queue<R>(__func__, number, NAME, in, out, sign);                     \
  }
#define ONE_WAY(NAME, R, SIGN)                                                  \
  int cufftExec##NAME(int number, void *in, void *out) {                        \
    return queue<R>(__func__, number, NAME, in, out, SIGN);                     \
  }
BOTH_WAYS(C2C, float) BOTH_WAYS(Z2Z, double)
ONE_WAY(R2C, float, -1) ONE_WAY(C2R, float, 1) ONE_WAY(D2Z, double, -1) ONE_WAY(Z2D, double, 1)

}  // extern "C"
