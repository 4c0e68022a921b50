# Every dependency is a Debian 12 package; `apt-get install` names are in ./quickstart and in the messages below.
find_package(cereal CONFIG)
find_package(Eigen3 3.4 CONFIG)
set(Boost_USE_STATIC_LIBS ON)  # the client is linked statically
find_package(Boost 1.74 COMPONENTS program_options)
find_package(tomlplusplus CONFIG)
find_package(nlohmann_json CONFIG)
find_package(fmt CONFIG)
find_package(ZLIB)
find_package(OpenSSL)
find_package(Threads REQUIRED)
find_path(ASIO_INCLUDE_DIR asio.hpp)
find_library(ZSTD_LIBRARY libzstd.a)
find_library(SODIUM_LIBRARY libsodium.a)

set(missing "")
foreach(pair
    "cereal_FOUND=libcereal-dev" "Eigen3_FOUND=libeigen3-dev" "Boost_FOUND=libboost-program-options-dev"
    "tomlplusplus_FOUND=libtomlplusplus-dev" "nlohmann_json_FOUND=nlohmann-json3-dev" "fmt_FOUND=libfmt-dev"
    "ZLIB_FOUND=zlib1g-dev" "OpenSSL_FOUND=libssl-dev" "ASIO_INCLUDE_DIR=libasio-dev" "ZSTD_LIBRARY=libzstd-dev"
    "SODIUM_LIBRARY=libsodium-dev")
  string(REPLACE "=" ";" pair "${pair}")
  list(GET pair 0 variable)
  list(GET pair 1 package)
  if(NOT ${variable})
    list(APPEND missing ${package})
  endif()
endforeach()
if(missing)
  list(REMOVE_DUPLICATES missing)
  list(JOIN missing " " missing)
  message(FATAL_ERROR "Missing packages. Run: apt-get install ${missing}")
endif()

# Debian ships zstd without a CMake package; the archive, for the client is linked statically.
add_library(zstd INTERFACE)
target_link_libraries(zstd INTERFACE ${ZSTD_LIBRARY})

# The same of libsodium.
add_library(sodium INTERFACE)
target_link_libraries(sodium INTERFACE ${SODIUM_LIBRARY})

# Debian ships Asio without a CMake package.
add_library(asio INTERFACE)
target_include_directories(asio SYSTEM INTERFACE ${ASIO_INCLUDE_DIR})
# ASIO_HAS_STD_ALIGNED_ALLOC is otherwise defined or not depending on which standard headers came first, and files that
# disagree allocate with one function and release with another.
target_compile_definitions(asio INTERFACE ASIO_NO_DEPRECATED ASIO_HAS_STD_ALIGNED_ALLOC=1)
target_link_libraries(asio INTERFACE Threads::Threads)
# g++ 12 takes Asio's pairing of coroutine frame allocation and release for a mismatch (GCC bug 103993 and kin).
target_compile_options(asio INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>)
