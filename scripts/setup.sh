#!/bin/sh
# Installs what a fresh Debian or Ubuntu machine lacks: a C compiler, software Vulkan for machines without a GPU, the
# libraries a window opens at run time, and (for `test`) a virtual display. Elsewhere it says what to install by hand.
set -eu
want=${1:-run}

packages="gcc libc6-dev pkg-config ca-certificates libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2 libxkbcommon0 libxkbcommon-x11-0 libvulkan1 mesa-vulkan-drivers"
[ "$want" = test ] && packages="$packages xvfb xdotool xauth"

if command -v dpkg-query >/dev/null 2>&1; then
    missing=""
    for p in $packages; do
        dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q '^install ok installed' || missing="$missing $p"
    done
    if [ -n "$missing" ]; then
        if [ "$(id -u)" = 0 ]; then sudo=""; elif command -v sudo >/dev/null 2>&1; then sudo="sudo"; else
            echo "These system packages are missing and there is no sudo to install them:$missing" >&2
            echo "Ask an administrator to run: apt-get install$missing" >&2
            exit 1
        fi
        echo "Installing system packages:$missing"
        $sudo apt-get update -qq || echo "The package lists could not be refreshed; trying with those at hand" >&2
        # shellcheck disable=SC2086
        if ! DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null; then
            echo "The packages could not be installed. Run by hand: apt-get install$missing" >&2
            exit 1
        fi
    fi
elif [ "$(uname -s)" = Linux ]; then
    command -v cc >/dev/null 2>&1 || { echo "No C compiler found: install gcc and the Vulkan drivers of your distribution, then run make again" >&2; exit 1; }
    echo "This is not Debian or Ubuntu: a window needs the X11 or Wayland libraries and a Vulkan driver (Mesa), which most desktops have"
fi

if ! command -v cargo >/dev/null 2>&1; then
    if [ -x "$HOME/.cargo/bin/cargo" ]; then
        echo "cargo is in $HOME/.cargo/bin but not on the PATH: run '. \"$HOME/.cargo/env\"', then make again" >&2
    else
        echo "Rust is missing: install it from https://rustup.rs (the pinned version is fetched by itself), then run make again" >&2
    fi
    exit 1
fi
