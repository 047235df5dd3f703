#!/usr/bin/env bash
# 建网桥 br666。
brctl addbr br666
ip link set br666 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
ip link set br666 up
ifconfig br666 10.0.0.1/24
