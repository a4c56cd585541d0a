#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

# sh gui-demo/doc/pictures.sh [PROGRAM]: makes the pictures of README.md again, without a display.

set -eu

folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
program=${1:-$folder/../../build/gui-demo/gruvsocks-demo}

# picture SCENE THEME
picture() {
    QT_QPA_PLATFORM=offscreen QT_SCALE_FACTOR=1 "$program" --scene "$1" --theme "$2" \
        --size 980x640 --screenshot "$folder/$1.png"
}

picture hello light
picture dark dark
picture offline light
