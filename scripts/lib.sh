# shellcheck shell=bash
# What the scripts beside this file share. Sourcing it changes to the checkout's root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
unset NO_COLOR # Trunk 0.21 takes NO_COLOR=1 for a wrong option

TRUNK_VERSION=0.21.14 # 0.22 wants a newer Rust than the package does
WASM_TARGET=wasm32-unknown-unknown
WASM_BINDGEN_VERSION=$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"/\1/p;}' Cargo.lock)

# The tools live outside the checkout, one folder per version: another project's wasm-bindgen in
# ~/.cargo/bin stays as it is, and moving to a new version never meets a stale program.
TOOLS=${XDG_DATA_HOME:-$HOME/.local/share}/footpath/tools
WASM_BINDGEN_ROOT=$TOOLS/wasm-bindgen-cli-$WASM_BINDGEN_VERSION
TRUNK_ROOT=$TOOLS/trunk-$TRUNK_VERSION
export PATH="$PWD/scripts/node_modules/.bin:$WASM_BINDGEN_ROOT/bin:$TRUNK_ROOT/bin:$PATH"

# Debian's own Rust, for where rustup cannot download the wasm target (see scripts/setup).
FALLBACK_TOOLCHAIN=footpath-wasm
FALLBACK_RUSTC=/usr/bin/rustc
FALLBACK_LINKER=wasm-ld-19
FALLBACK_LIB=/usr/lib/rustlib/$WASM_TARGET/lib
FALLBACK_STAMP=$FALLBACK_LIB/footpath-std.stamp

say() { printf '\n== %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

default_toolchain_has_wasm() {
    local lib
    lib=$(rustc --print target-libdir --target "$WASM_TARGET") && compgen -G "$lib/libstd-*.rlib" >/dev/null
}

# The standard library built here fits one compiler only, so the stamp beside it names that compiler.
fallback_is_ready() {
    [[ -f $FALLBACK_STAMP ]] && have "$FALLBACK_LINKER" && "$FALLBACK_RUSTC" -vV 2>/dev/null | cmp -s - "$FALLBACK_STAMP" &&
        [[ $(rustup toolchain list) == *"$FALLBACK_TOOLCHAIN"* ]]
}

# SIMD: every browser of the last years has it; searching and comparing bytes gain most. Erased components: Leptos then
# compiles views once and not anew for each shape they have, which makes the page a fifth smaller.
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-C target-feature=+simd128 --cfg erase_components"

# Runs a command with the toolchain that can build for wasm. Native builds keep the default toolchain.
with_wasm_toolchain() {
    if ! default_toolchain_has_wasm && fallback_is_ready; then
        RUSTUP_TOOLCHAIN=$FALLBACK_TOOLCHAIN CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$FALLBACK_LINKER "$@"
    else
        "$@"
    fi
}

# The browser the tests use: $CHROMIUM, or what the system calls it.
find_chromium() {
    local name
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
        if [[ -n $name ]] && have "$name"; then command -v "$name"; return; fi
    done
    return 1
}
