# Sourced by ./quickstart and ./check: installs the Debian packages that are missing, and only those.
build_packages="g++ cmake ninja-build libasio-dev libcereal-dev libeigen3-dev libboost-program-options-dev
  libtomlplusplus-dev nlohmann-json3-dev libfmt-dev zlib1g-dev libzstd-dev libssl-dev libsodium-dev"
test_packages="doctest-dev ccache clang libclang-rt-14-dev procps util-linux iproute2 nftables libfaiss-dev libopenblas-dev
  python3-faiss"

need_packages() {
  local missing=""
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  local root=""
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "error: run as root once: apt-get install$missing" >&2; exit 1; }
    root="sudo"
  fi
  echo "installing:$missing"
  $root apt-get update -qq
  # shellcheck disable=SC2086
  $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
