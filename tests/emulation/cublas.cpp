// The part of cuBLAS that gpugrad uses, as a shared library for the emulation: the calls keep their
// arguments and hand them to Python, which does the work when the stream comes to it.

struct Product {
  void *handle;
  int turned_a, turned_b, m, n, k;
  double alpha, beta;
  const void *a, *b;
  void *c;
  int kind, lda, ldb, ldc;
  long long next_a, next_b, next_c;
  int count, compute, algorithm;
};

static int (*told)(const char *what, void *handle, const void *detail, unsigned long long size);

template <typename T> static void multiply(const Product &p) {
  for (int i = 0; i < p.count; ++i) {
    const T *a = static_cast<const T *>(p.a) + i * p.next_a;
    const T *b = static_cast<const T *>(p.b) + i * p.next_b;
    T *c = static_cast<T *>(p.c) + i * p.next_c;
    for (int column = 0; column < p.n; ++column) {
      for (int row = 0; row < p.m; ++row) {
        T sum = 0;
        for (int k = 0; k < p.k; ++k) {
          const long long at_a = p.turned_a ? k + (long long)row * p.lda : row + (long long)k * p.lda;
          const long long at_b =
              p.turned_b ? column + (long long)k * p.ldb : k + (long long)column * p.ldb;
          sum += a[at_a] * b[at_b];
        }
        T &result = c[row + (long long)column * p.ldc];
        result = T(p.alpha) * sum + (p.beta != 0 ? T(p.beta) * result : T(0));
      }
    }
  }
}

extern "C" {

void emulation_tell(int (*function)(const char *, void *, const void *, unsigned long long)) {
  told = function;
}

void emulation_run(const Product *p) { p->kind ? multiply<double>(*p) : multiply<float>(*p); }

int cublasCreate_v2(void **handle) {
  static char next;
  *handle = &next + 1;
  return told("create", *handle, nullptr, 0);
}

int cublasDestroy_v2(void *handle) { return told("destroy", handle, nullptr, 0); }

int cublasSetStream_v2(void *handle, void *stream) { return told("stream", handle, stream, 0); }

int cublasSetWorkspace_v2(void *handle, void *workspace, unsigned long long size) {
  return told("workspace", handle, workspace, size);
}

int cublasGemmStridedBatchedEx(void *handle, int turned_a, int turned_b, int m, int n, int k,
                               const void *alpha, const void *a, int a_kind, int lda,
                               long long next_a, const void *b, int b_kind, int ldb,
                               long long next_b, const void *beta, void *c, int c_kind, int ldc,
                               long long next_c, int count, int compute, int algorithm) {
  const bool wide = c_kind == 1;
  // CUBLAS_STATUS_INVALID_VALUE, as the library says of leading dimensions that are too small.
  if (lda < (turned_a ? k : m) || ldb < (turned_b ? n : k) || ldc < m) return 7;
  if (a_kind != c_kind || b_kind != c_kind || compute != (wide ? 70 : 68)) return 15;
  const Product product = {handle, turned_a, turned_b, m, n, k,
                           wide ? *(const double *)alpha : *(const float *)alpha,
                           wide ? *(const double *)beta : *(const float *)beta,
                           a, b, c, c_kind, lda, ldb, ldc, next_a, next_b, next_c,
                           count, compute, algorithm};
  return told("product", handle, &product, sizeof product);
}

}
