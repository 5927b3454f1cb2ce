# livecounter_proto(NAME PROTOS livecounter/v1/a.proto…): the C++ messages and gRPC services of .proto
# files, named relative to the folder of the calling CMakeLists.txt, as the library livecounter::NAME.
# Generated headers are included by the same path ("livecounter/v1/a.pb.h") and are system headers:
# they are not ours to keep free of warnings.
function(livecounter_proto name)
  cmake_parse_arguments(ARG "" "" "PROTOS" ${ARGN})
  set(out "${CMAKE_CURRENT_BINARY_DIR}/generated")
  file(MAKE_DIRECTORY "${out}")

  set(sources "")
  foreach(proto IN LISTS ARG_PROTOS)
    string(REGEX REPLACE "\\.proto$" "" stem "${proto}")
    set(generated
      "${out}/${stem}.pb.cc" "${out}/${stem}.pb.h" "${out}/${stem}.grpc.pb.cc" "${out}/${stem}.grpc.pb.h")
    add_custom_command(
      OUTPUT ${generated}
      COMMAND "${PROTOC_PROGRAM}" "--proto_path=${CMAKE_CURRENT_SOURCE_DIR}"
        "--cpp_out=${out}" "--grpc_out=${out}" "--plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN_PROGRAM}"
        "${proto}"
      DEPENDS ${ARG_PROTOS}
      WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
      COMMENT "Generating C++ from ${proto}"
      VERBATIM)
    list(APPEND sources ${generated})
  endforeach()

  # For tools that need the headers and no object code, clang-tidy above all.
  if(NOT TARGET livecounter_generated_sources)
    add_custom_target(livecounter_generated_sources)
  endif()
  add_custom_target(livecounter_${name}_sources DEPENDS ${sources})
  add_dependencies(livecounter_generated_sources livecounter_${name}_sources)

  add_library(livecounter_${name} STATIC ${sources})
  target_include_directories(livecounter_${name} SYSTEM PUBLIC "${out}")
  target_link_libraries(livecounter_${name} PUBLIC gRPC::grpc++ protobuf::libprotobuf)
  add_library(livecounter::${name} ALIAS livecounter_${name})
endfunction()
