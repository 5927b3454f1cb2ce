# LIVECOUNTER_SANITIZER picks the instrumentation of the whole build, generated code included.
# It is set by the presets of the same names:
#   asan      AddressSanitizer and UndefinedBehaviorSanitizer; the first finding ends the program
#   tsan      ThreadSanitizer, with cmake/tsan/interpose.cc linked into every executable
#   fuzz      libFuzzer over asan; livecounter_fuzzer() builds the fuzz targets
#   coverage  clang source coverage, read by tools/check-coverage
# What a test needs in its environment is left in LIVECOUNTER_TEST_ENVIRONMENT for Targets.cmake.

set(LIVECOUNTER_SANITIZER "" CACHE STRING "asan, tsan, fuzz, coverage or empty")
set_property(CACHE LIVECOUNTER_SANITIZER PROPERTY STRINGS "" asan tsan fuzz coverage)
set(LIVECOUNTER_TEST_ENVIRONMENT "")

set(_asan_flags -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)

if(LIVECOUNTER_SANITIZER STREQUAL "")
  # An ordinary build.
elseif(LIVECOUNTER_SANITIZER STREQUAL "asan")
  add_compile_options(${_asan_flags})
  add_link_options(${_asan_flags})
  list(APPEND LIVECOUNTER_TEST_ENVIRONMENT
    "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_init_order=1"
    "UBSAN_OPTIONS=print_stacktrace=1")
elseif(LIVECOUNTER_SANITIZER STREQUAL "tsan")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
  add_library(livecounter_tsan_interpose OBJECT "${PROJECT_SOURCE_DIR}/cmake/tsan/interpose.cc")
  list(APPEND LIVECOUNTER_TEST_ENVIRONMENT
    "TSAN_OPTIONS=ignore_noninstrumented_modules=1:halt_on_error=1:second_deadlock_stack=1:suppressions=${PROJECT_SOURCE_DIR}/cmake/tsan/suppressions.txt")
elseif(LIVECOUNTER_SANITIZER STREQUAL "fuzz")
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "LIVECOUNTER_SANITIZER=fuzz needs clang++ (libFuzzer), not ${CMAKE_CXX_COMPILER_ID}")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link ${_asan_flags})
  add_link_options(${_asan_flags})
elseif(LIVECOUNTER_SANITIZER STREQUAL "coverage")
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "LIVECOUNTER_SANITIZER=coverage needs clang++, not ${CMAKE_CXX_COMPILER_ID}")
  endif()
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
else()
  message(FATAL_ERROR
    "LIVECOUNTER_SANITIZER is '${LIVECOUNTER_SANITIZER}'; it takes asan, tsan, fuzz, coverage or nothing")
endif()

# Adds to an executable what the chosen sanitizer wants linked into it.
function(livecounter_instrument target)
  if(TARGET livecounter_tsan_interpose)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:livecounter_tsan_interpose>)
    target_link_libraries(${target} PRIVATE gRPC::grpc++ absl::synchronization ${CMAKE_DL_LIBS})
  endif()
endfunction()
