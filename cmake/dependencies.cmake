# Libraries of Debian 12: cmake/debian-packages.txt says which package has which, `./dev setup` installs them all.

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(Boost 1.81 REQUIRED)  # libboost1.81-dev: the default 1.74 has no unordered_flat_map
find_package(GTest REQUIRED)
find_package(spdlog REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)  # libpq
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(pugixml REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_program(KILONOVA_GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)
