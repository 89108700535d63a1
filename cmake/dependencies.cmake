# Libraries of Debian 12 (cmake/debian-packages.txt). What only some parts link is looked for quietly:
# a part that links an absent one fails by its target's name.

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(Boost 1.81 REQUIRED)  # libboost1.81-dev: the default 1.74 has no unordered_flat_map
find_package(GTest REQUIRED)

find_package(spdlog QUIET)
find_package(OpenSSL QUIET)
find_package(Protobuf QUIET)
find_package(gRPC CONFIG QUIET)
find_package(SQLite3 QUIET)
find_package(nlohmann_json QUIET)
find_package(CLI11 QUIET)
find_program(KILONOVA_GRPC_CPP_PLUGIN grpc_cpp_plugin)
