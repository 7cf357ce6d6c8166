#!/bin/sh
# Builds, then opens the window where there is a display, or runs the main job and says where its results are.
set -eu
if [ ! -x "$CARGO_TARGET_DIR/debug/gapfield" ]; then
    echo "First build: about 20 minutes on two cores, then seconds"
fi
cargo build --locked --bin gapfield
case "$(uname -s)" in
Darwin | MINGW* | MSYS*) display=yes ;;
*) if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then display=yes; else display=no; fi ;;
esac
if [ "$display" = yes ]; then
    exec "$CARGO_TARGET_DIR/debug/gapfield"
fi
echo "No display here: running the main job without a window"
exec "$CARGO_TARGET_DIR/debug/gapfield" run
