#!/bin/sh
# Stands for `valgrind`: says what a test wants to be said.
echo "==1== Collected : $COUNTED" >&2
