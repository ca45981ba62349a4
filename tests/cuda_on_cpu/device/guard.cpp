// Linked behind the kernels of a module: its thread-local variables end with this one.

extern "C" __attribute__((visibility("hidden"))) thread_local char cuda_on_cpu_guard[256];
thread_local char cuda_on_cpu_guard[256];
