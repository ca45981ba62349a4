// What CuPy can ask for and is not here: each says so by its name.
#include <cuda_runtime_api.h>

#include <string>

#include "errors.h"

#define MISSING(name)                                                                        \
  extern "C" cudaError_t name##_() asm(#name);                                               \
  extern "C" cudaError_t name##_() {                                                         \
    return cuda_on_cpu::fail(cudaErrorNotSupported, #name " is not implemented on the CPU"); \
  }

MISSING(cudaCreateSurfaceObject)
MISSING(cudaCreateTextureObject)
MISSING(cudaDestroySurfaceObject)
MISSING(cudaDestroyTextureObject)
MISSING(cudaDeviceDisablePeerAccess)
MISSING(cudaDeviceGetByPCIBusId)
MISSING(cudaDeviceGetDefaultMemPool)
MISSING(cudaDeviceGetLimit)
MISSING(cudaDeviceGetMemPool)
MISSING(cudaDeviceSetLimit)
MISSING(cudaDeviceSetMemPool)
MISSING(cudaFreeArray)
MISSING(cudaFreeAsync)
MISSING(cudaGetChannelDesc)
MISSING(cudaGetTextureObjectResourceDesc)
MISSING(cudaGetTextureObjectTextureDesc)
MISSING(cudaHostRegister)
MISSING(cudaHostUnregister)
MISSING(cudaIpcCloseMemHandle)
MISSING(cudaIpcGetEventHandle)
MISSING(cudaIpcGetMemHandle)
MISSING(cudaIpcOpenEventHandle)
MISSING(cudaIpcOpenMemHandle)
MISSING(cudaMalloc3DArray)
MISSING(cudaMallocArray)
MISSING(cudaMallocAsync)
MISSING(cudaMallocFromPoolAsync)
MISSING(cudaMallocManaged)
MISSING(cudaMemAdvise)
MISSING(cudaMemPoolCreate)
MISSING(cudaMemPoolDestroy)
MISSING(cudaMemPoolGetAttribute)
MISSING(cudaMemPoolSetAttribute)
MISSING(cudaMemPoolTrimTo)
MISSING(cudaMemPrefetchAsync)
MISSING(cudaMemcpy2D)
MISSING(cudaMemcpy2DAsync)
MISSING(cudaMemcpy2DFromArray)
MISSING(cudaMemcpy2DFromArrayAsync)
MISSING(cudaMemcpy2DToArray)
MISSING(cudaMemcpy2DToArrayAsync)
MISSING(cudaMemcpy3D)
MISSING(cudaMemcpy3DAsync)
MISSING(cuCtxCreate_v2)
MISSING(cuCtxDestroy_v2)
MISSING(cuDevicePrimaryCtxRelease_v2)
MISSING(cuLaunchCooperativeKernel)
MISSING(cuLinkAddData_v2)
MISSING(cuLinkAddFile_v2)
MISSING(cuLinkComplete)
MISSING(cuLinkCreate_v2)
MISSING(cuLinkDestroy)
MISSING(cuModuleLoad)
MISSING(cuStreamGetCtx)

// For functions of the libraries: "not supported" or the like in each of them.
extern "C" int cuda_on_cpu_missing(const char *name) {
  cuda_on_cpu::fault(std::string(name) + " is not implemented on the CPU");
  return 15;
}
