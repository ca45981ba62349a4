#!/usr/bin/env bash
# What .ci/run has no time for: the whole suite on CuPy over a CPU, more random programs on
# every engine, made-up plans, the test suites of SciPy and autograd, and kill -9 again and again; the
# oldest and the newest versions of what gpugrad stands on. About two hours on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."

GPUGRAD_REQUIRE_BROWSER=1 ci/test.sh        # node, and Chromium, for the pages of graphs
ci/site.sh --links
ci/cupy.sh tests
GPUGRAD_PROGRAMS=1000 ci/cupy.sh tests/device -k random_programs
GPUGRAD_KERNELS=1000 python -m pytest tests/kernels -k random
GPUGRAD_PROGRAMS=2000 python -m pytest tests/test_programs.py tests/test_program_gradients.py
GPUGRAD_PROGRAMS=2000 GPUGRAD_PROGRAMS_ENGINE=native python -m pytest tests/test_programs.py
GPUGRAD_NESTING=500 python -m pytest tests/test_pairs.py tests/test_ops_in_bodies.py
GPUGRAD_CODE_FLIPS=500 GPUGRAD_PROCESSES=16 python -m pytest tests/test_compiled_code.py
GPUGRAD_ORACLE=1 python -m pytest tests/test_oracle.py
GPUGRAD_INTERRUPTS=1 python -m pytest tests/test_interrupts.py
GPUGRAD_LITTLE_MEMORY=1 python -m pytest tests/test_little_memory.py
GPUGRAD_LONG_RUNS=1 python -m pytest tests/test_long_runs.py
GPUGRAD_STANDARD=100 python -m pytest tests/test_standard.py
GPUGRAD_SPECIAL_CASES_ENGINE=native python -m pytest tests/test_special_cases.py
GPUGRAD_PLANS=20000 python -m pytest tests/test_hostile_plans.py
GPUGRAD_VIEWS=20000 python -m pytest tests/test_views.py -k "random_programs and not compiled"
GPUGRAD_ARGUMENTS=10000 python -m pytest tests/test_arguments.py
GPUGRAD_NPZ=20000 python -m pytest tests/test_npz.py
GPUGRAD_SIGNALS=300 python -m pytest tests/test_signals.py -k random_moment
GPUGRAD_FLIPS=50000 python -m pytest tests/test_damage.py -k bit
GPUGRAD_FAULTS=1 python -m pytest tests/faults
ci/floor.sh
ci/newest.sh
ci/coming_from.sh
ci/suites.sh
ci/kill_resume.sh 50
