// In the place of CUDA's header of that name: in a kernel there is no runtime to call, but others
// ask for its version.
#pragma once
#pragma GCC system_header

#include "vectors.h"

#define CUDART_VERSION 13000
