#include "modules.h"

#include <cuda.h>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>

#include "devices.h"
#include "errors.h"
#include "memory.h"

namespace cuda_on_cpu {
namespace {

// The image of a module is this, and behind it the path of the shared object.
constexpr char head[] = "cuda_on_cpu:";

struct Module {
  void *library;
  std::string path;
  int device;
  std::map<std::string, std::unique_ptr<Function>> functions;
};

std::mutex mutex;
std::map<uintptr_t, std::unique_ptr<Module>> modules;
std::map<const void *, Function *> functions;
uintptr_t handles = 0x40000;

CUresult failed(cudaError_t code, const std::string &why) { return CUresult(fail(code, why)); }

Module *find(CUmodule handle) {
  auto found = modules.find(uintptr_t(handle));
  return found == modules.end() ? nullptr : found->second.get();
}

}  // namespace

Function *find_function(const void *handle) {
  std::lock_guard lock(mutex);
  auto found = functions.find(handle);
  return found == functions.end() ? nullptr : found->second;
}

}  // namespace cuda_on_cpu

using namespace cuda_on_cpu;

extern "C" {

CUresult cuModuleLoadData(CUmodule *handle, const void *image) {
  if (auto error = refused()) return CUresult(error);
  const char *text = static_cast<const char *>(image);
  if (strncmp(text, head, strlen(head)) != 0)
    return failed(cudaErrorInvalidKernelImage, "this is no module that was compiled for the CPU");
  auto module = std::make_unique<Module>();
  module->path = text + strlen(head);
  module->device = current_device();
  module->library = dlopen(module->path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!module->library) return failed(cudaErrorInvalidKernelImage, dlerror());
  std::lock_guard lock(mutex);
  modules[handles += 16] = std::move(module);
  *handle = reinterpret_cast<CUmodule>(handles);
  return CUDA_SUCCESS;
}

// Work that is queued may still run its code, which therefore stays.
CUresult cuModuleUnload(CUmodule handle) {
  std::lock_guard lock(mutex);
  Module *module = find(handle);
  if (!module) return failed(cudaErrorInvalidResourceHandle, "there is no such module");
  for (const auto &[name, function] : module->functions) functions.erase(function.get());
  modules.erase(uintptr_t(handle));
  return CUDA_SUCCESS;
}

CUresult cuModuleGetFunction(CUfunction *handle, CUmodule module, const char *name) {
  if (auto error = refused()) return CUresult(error);
  std::lock_guard lock(mutex);
  Module *found = find(module);
  if (!found) return failed(cudaErrorInvalidResourceHandle, "there is no such module");
  auto symbol = dlsym(found->library, (std::string(name) + "__kernel").c_str());
  if (!symbol)
    return failed(cudaErrorSymbolNotFound, "there is no kernel " + std::string(name) + " in it");
  auto &function = found->functions[name];
  if (!function)
    function.reset(
        new Function{name, static_cast<const Kernel *>(symbol), found->device, shared_of_a_block});
  functions[function.get()] = function.get();
  *handle = reinterpret_cast<CUfunction>(function.get());
  return CUDA_SUCCESS;
}

CUresult cuModuleGetGlobal_v2(CUdeviceptr *address, size_t *size, CUmodule module,
                              const char *name) {
  if (auto error = refused()) return CUresult(error);
  std::lock_guard lock(mutex);
  Module *found = find(module);
  if (!found) return failed(cudaErrorInvalidResourceHandle, "there is no such module");
  void *symbol = dlsym(found->library, name);
  Dl_info info;
  ElfW(Sym) *entry = nullptr;
  if (!symbol || !dladdr1(symbol, &info, reinterpret_cast<void **>(&entry), RTLD_DL_SYMENT) ||
      !entry)
    return failed(cudaErrorSymbolNotFound, "there is no variable " + std::string(name) + " in it");
  adopt(symbol, entry->st_size, found->device);
  *address = CUdeviceptr(symbol);
  if (size) *size = entry->st_size;
  return CUDA_SUCCESS;
}

CUresult cuFuncGetAttribute(int *value, CUfunction_attribute attribute, CUfunction handle) {
  if (auto error = refused()) return CUresult(error);
  Function *function = find_function(handle);
  if (!function) return failed(cudaErrorInvalidResourceHandle, "there is no such function");
  switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      *value = int(function->kernel->max_threads);
      break;
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES:
      *value = int(function->kernel->static_shared);
      break;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
      *value = int(function->dynamic_shared - function->kernel->static_shared);
      break;
    case CU_FUNC_ATTRIBUTE_NUM_REGS:
      *value = 32;
      break;  // not known: no assembly is made
    case CU_FUNC_ATTRIBUTE_PTX_VERSION:
    case CU_FUNC_ATTRIBUTE_BINARY_VERSION:
      *value = 90;
      break;
    case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES:
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES:
    case CU_FUNC_ATTRIBUTE_CACHE_MODE_CA:
      *value = 0;
      break;
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
      *value = -1;
      break;
    default:
      return failed(cudaErrorInvalidValue, "an attribute that is not known here");
  }
  return CUDA_SUCCESS;
}

CUresult cuFuncSetAttribute(CUfunction handle, CUfunction_attribute attribute, int value) {
  if (auto error = refused()) return CUresult(error);
  Function *function = find_function(handle);
  if (!function) return failed(cudaErrorInvalidResourceHandle, "there is no such function");
  if (attribute == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) return CUDA_SUCCESS;
  if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES)
    return failed(cudaErrorInvalidValue, "this attribute cannot be set");
  size_t wanted = size_t(std::max(value, 0)) + function->kernel->static_shared;
  if (wanted > shared_of_a_block_at_most)
    return failed(cudaErrorInvalidValue, "a block cannot have so much shared memory");
  function->dynamic_shared = std::max(wanted, shared_of_a_block);
  return CUDA_SUCCESS;
}
}
