# Compiles through ccache where it is installed. Paths are made relative to the root of the clone,
# so that every clone and every build directory shares one warm cache, and so that no binary holds
# the path of the machine that built it.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    "${CMAKE_COMMAND};-E;env;CCACHE_BASEDIR=${PROJECT_SOURCE_DIR};CCACHE_NOHASHDIR=1;${CCACHE_PROGRAM}")
endif()
add_compile_options("-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
