# The helpers every CMakeLists.txt of the project is written with. Sources are listed by hand.
# Headers are included from the root ("core/ids.h"); a library `core` is linked as `livecounter::core`.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

add_library(livecounter_options INTERFACE)
target_include_directories(livecounter_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(livecounter_options INTERFACE
  -Wall -Wextra -Werror
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety -Werror=thread-safety>)

# livecounter_library(NAME SRCS a.cc… DEPS lib…): a static library; without SRCS, headers only.
function(livecounter_library name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  if(ARG_SRCS)
    add_library(livecounter_${name} STATIC ${ARG_SRCS})
    target_link_libraries(livecounter_${name} PUBLIC livecounter_options ${ARG_DEPS})
  else()
    add_library(livecounter_${name} INTERFACE)
    target_link_libraries(livecounter_${name} INTERFACE livecounter_options ${ARG_DEPS})
  endif()
  add_library(livecounter::${name} ALIAS livecounter_${name})
endfunction()

# livecounter_binary(NAME SRCS main.cc DEPS lib…): a program in bin/. All of them: target livecounter_binaries.
add_custom_target(livecounter_binaries)
function(livecounter_binary name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE livecounter_options ${ARG_DEPS})
  livecounter_instrument(${name})
  add_dependencies(livecounter_binaries ${name})
endfunction()

# livecounter_test(NAME SRCS a_test.cc… DEPS lib… [LABELS l…] [TIMEOUT s] [UNITY]):
# one GoogleTest program, one ctest entry.
#   LABELS   see livecounter_register_test()
#   TIMEOUT  seconds, 120 by default; five times that under a sanitizer
#   UNITY    compiles the sources in batches of eight: for many small files that all include gRPC,
#            and that share no name in their anonymous namespaces
function(livecounter_test name)
  cmake_parse_arguments(ARG "UNITY" "TIMEOUT" "SRCS;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/test-bin")
  if(ARG_UNITY)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  endif()
  target_link_libraries(${name} PRIVATE livecounter_options ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  livecounter_instrument(${name})
  add_test(NAME ${name} COMMAND ${name})
  livecounter_register_test(${name} TARGET ${name} TIMEOUT ${ARG_TIMEOUT} LABELS ${ARG_LABELS})
endfunction()

# livecounter_node_test(NAME SCRIPT x_test.mjs [ARGS a…] [LABELS l…] [TIMEOUT s] [ALONE]): one ctest entry
# that runs a script with the Node of tests/node (`npm ci` there first, which ./dev does). The programs are
# in the folder that LIVECOUNTER_BIN_DIR names.
#   ALONE    for what measures time, or loads the machine: no other test runs meanwhile
function(livecounter_node_test name)
  cmake_parse_arguments(ARG "ALONE" "SCRIPT;TIMEOUT" "ARGS;LABELS" ${ARGN})
  cmake_path(ABSOLUTE_PATH ARG_SCRIPT BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
  add_test(NAME ${name}
    COMMAND "${PROJECT_SOURCE_DIR}/tests/node/node_modules/.bin/node" ${ARG_SCRIPT} ${ARG_ARGS})
  livecounter_register_test(${name} TARGET livecounter_binaries TIMEOUT ${ARG_TIMEOUT} LABELS ${ARG_LABELS}
    ENVIRONMENT "LIVECOUNTER_BIN_DIR=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  set_tests_properties(${name} PROPERTIES RUN_SERIAL ${ARG_ALONE})
endfunction()

# livecounter_benchmark(NAME SRCS x_benchmark.cc… DEPS lib…): a google-benchmark program in bench-bin/,
# which ./dev bench runs.
function(livecounter_benchmark name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench-bin")
  target_link_libraries(${name} PRIVATE livecounter_options ${ARG_DEPS} benchmark::benchmark_main)
  livecounter_instrument(${name})
endfunction()

# livecounter_fuzzer(NAME SRCS x_fuzzer.cc DEPS lib… [CORPUS dir]): a libFuzzer target.
# The fuzz preset builds it in fuzz-bin/ as part of the target livecounter_fuzzers. Every other build
# makes a test of it that replays the files in CORPUS (corpus/NAME by default): seeds and old findings.
add_custom_target(livecounter_fuzzers)
function(livecounter_fuzzer name)
  cmake_parse_arguments(ARG "" "CORPUS" "SRCS;DEPS" ${ARGN})
  if(NOT ARG_CORPUS)
    set(ARG_CORPUS "corpus/${name}")
  endif()
  cmake_path(ABSOLUTE_PATH ARG_CORPUS BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")

  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE livecounter_options ${ARG_DEPS})
  livecounter_instrument(${name})
  if(LIVECOUNTER_SANITIZER STREQUAL "fuzz")
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz-bin")
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(livecounter_fuzzers ${name})
    # Where tools/fuzz finds the corpus of this target.
    file(WRITE "${CMAKE_BINARY_DIR}/fuzz-bin/${name}.corpus" "${ARG_CORPUS}\n")
  else()
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/test-bin")
    target_sources(${name} PRIVATE "${PROJECT_SOURCE_DIR}/cmake/fuzz/replay_main.cc")
    add_test(NAME ${name}_replay COMMAND ${name} "${ARG_CORPUS}")
    livecounter_register_test(${name}_replay TARGET ${name})
  endif()
endfunction()

# livecounter_register_test(TEST TARGET t [TIMEOUT s] [LABELS l…] [ENVIRONMENT v=x…]): what every ctest
# entry gets. Labels of a test (`ctest -L '^label$'`):
#   its folder   "core", "services/counter", "tests/chaos"
#   threads      also run under ThreadSanitizer; all unit tests beside the code have it
#   long         only in ./dev full
# The target livecounter_tests_LABEL ("/" written "_") builds what the tests of that label run.
function(livecounter_register_test test)
  cmake_parse_arguments(ARG "" "TARGET;TIMEOUT" "LABELS;ENVIRONMENT" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(LIVECOUNTER_SANITIZER)
    math(EXPR ARG_TIMEOUT "5 * ${ARG_TIMEOUT}")
  endif()

  set(environment ${LIVECOUNTER_TEST_ENVIRONMENT} ${ARG_ENVIRONMENT})
  if(LIVECOUNTER_SANITIZER STREQUAL "coverage")
    list(APPEND environment "LLVM_PROFILE_FILE=${CMAKE_BINARY_DIR}/profiles/${test}.%p.profraw")
  endif()

  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE folder)
  set(labels ${ARG_LABELS} "${folder}")
  if(folder MATCHES "^(core|wire|observability|services|gateway|cli|verifier)")
    list(APPEND labels threads)
  endif()
  list(REMOVE_DUPLICATES labels)
  foreach(label IN LISTS labels)
    string(REPLACE "/" "_" group "livecounter_tests_${label}")
    if(NOT TARGET ${group})
      add_custom_target(${group})
    endif()
    add_dependencies(${group} ${ARG_TARGET})
  endforeach()

  set_tests_properties(${test} PROPERTIES
    TIMEOUT ${ARG_TIMEOUT} LABELS "${labels}" ENVIRONMENT "${environment}")
endfunction()
