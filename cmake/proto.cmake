# kilonova_proto_library(NAME PROTOS file.proto...)
# A static library of the generated messages and services, included by their path below proto/
# (`#include "kilonova/v1/instance.grpc.pb.h"`). Also writes ${CMAKE_BINARY_DIR}/proto/NAME.descriptors.pb, a
# FileDescriptorSet with comments, from which documentation is generated and tests read the protocol.
# KILONOVA_PROTO_ROOT is the import root of the .proto files.
set(KILONOVA_PROTO_ROOT ${CMAKE_SOURCE_DIR}/proto)

function(kilonova_proto_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "PROTOS")
  set(generated_dir ${CMAKE_BINARY_DIR}/proto/${name})
  file(MAKE_DIRECTORY ${generated_dir})
  set(inputs "")
  set(message_sources "")
  set(outputs "")
  set(service_descriptors "")
  foreach(proto IN LISTS arg_PROTOS)
    cmake_path(ABSOLUTE_PATH proto BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    list(APPEND inputs ${proto})
    cmake_path(RELATIVE_PATH proto BASE_DIRECTORY ${KILONOVA_PROTO_ROOT} OUTPUT_VARIABLE stem)
    string(REGEX REPLACE "\\.proto$" "" stem "${stem}")
    list(APPEND message_sources ${generated_dir}/${stem}.pb.cc)
    # protoc writes a .grpc.pb.cc for every file; compiling those without a service would cost as much as all the rest.
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${proto})
    file(STRINGS ${proto} services REGEX "^service ")
    if(services)
      list(APPEND message_sources ${generated_dir}/${stem}.grpc.pb.cc)
      # protobuf's own name of a file's descriptor: every other character as _ and two hexadecimal digits.
      string(REPLACE "/" "_2f" symbol "${stem}_2eproto")
      list(APPEND service_descriptors descriptor_table_${symbol})
    endif()
    list(APPEND outputs ${generated_dir}/${stem}.pb.cc ${generated_dir}/${stem}.pb.h
      ${generated_dir}/${stem}.grpc.pb.cc ${generated_dir}/${stem}.grpc.pb.h)
  endforeach()
  # One run for all files: any change regenerates them together, so that no file is built against another's old header.
  add_custom_command(
    OUTPUT ${outputs} ${CMAKE_BINARY_DIR}/proto/${name}.descriptors.pb
    COMMAND protobuf::protoc -I ${KILONOVA_PROTO_ROOT}
      --cpp_out=${generated_dir} --grpc_out=${generated_dir}
      --plugin=protoc-gen-grpc=${KILONOVA_GRPC_CPP_PLUGIN}
      --descriptor_set_out=${CMAKE_BINARY_DIR}/proto/${name}.descriptors.pb --include_imports --include_source_info
      ${inputs}
    DEPENDS ${inputs}
    COMMENT "protoc ${name}"
    VERBATIM)
  add_library(${name} STATIC ${message_sources})
  target_include_directories(${name} SYSTEM PUBLIC ${generated_dir})
  target_compile_options(${name} PRIVATE -w)
  # Server reflection looks a service up among the linked descriptors; nothing else refers to that of a file without messages.
  foreach(symbol IN LISTS service_descriptors)
    target_link_options(${name} INTERFACE "LINKER:--undefined=${symbol}")
  endforeach()
  target_link_libraries(${name} PUBLIC gRPC::grpc++ protobuf::libprotobuf absl::synchronization Threads::Threads)
endfunction()
