#!/usr/bin/env bash
# Archives with checksums in dist/, for every platform that this machine's compilers build:
#   release.sh VERSION
# The parser is C: a platform whose C compiler is here gets it, statically linked; the others get the same parser as
# WebAssembly (CGO_ENABLED=0), whose first statement takes a second or two.
set -euo pipefail
cd "$(dirname "$0")/.."
version=${1:?usage: release.sh VERSION}
rm -rf dist && mkdir dist

build() { # os arch parser go-build-environment…
  local os=$1 arch=$2 parser=$3 name="skein-$version-$1-$2" binary=skein
  shift 3
  [ "$os" = windows ] && binary=skein.exe
  local flags="-s -w -X main.version=$version"
  [ "$parser" = C ] && flags="$flags -linkmode external -extldflags -static"
  mkdir "dist/$name"
  if ! env GOOS="$os" GOARCH="$arch" "$@" go build -trimpath -tags netgo,osusergo -ldflags "$flags" \
    -o "dist/$name/$binary" ./cmd/skein 2>"dist/$name.log"; then
    echo "skipped  $os/$arch: $(tail -n 1 "dist/$name.log")"
    rm -rf "dist/$name" "dist/$name.log"
    return
  fi
  cp LICENSE CHANGELOG.md "dist/$name/"
  [ -f README.md ] && cp README.md "dist/$name/"
  tar --sort=name --owner=0 --group=0 --numeric-owner -C dist -czf "dist/$name.tar.gz" "$name"
  rm -rf "dist/$name" "dist/$name.log"
  echo "built    $os/$arch with the $parser parser: $(du -h "dist/$name.tar.gz" | cut -f1)"
}

compiler() { # arch: the C compiler for linux on it, if there is one
  if [ "$(go env GOARCH)" = "$1" ]; then echo "${CC:-gcc}"; return; fi
  case $1 in
    amd64) command -v x86_64-linux-gnu-gcc || true ;;
    arm64) command -v aarch64-linux-gnu-gcc || true ;;
  esac
}

for arch in amd64 arm64; do
  cc=$(compiler "$arch")
  if [ -n "$cc" ]; then
    build linux "$arch" C CGO_ENABLED=1 CC="$cc"
  else
    build linux "$arch" WebAssembly CGO_ENABLED=0
  fi
done
for platform in darwin/amd64 darwin/arm64 windows/amd64; do
  build "${platform%/*}" "${platform#*/}" WebAssembly CGO_ENABLED=0
done
(cd dist && sha256sum ./*.tar.gz >SHA256SUMS && cat SHA256SUMS)
