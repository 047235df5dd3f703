"""Frames of an interface as a pcap file: capture.py INTERFACE|any [FILE].  tcpdump gives up root: here is no other."""

import contextlib
import signal
import socket
import struct
import sys
import time

EVERY, LONGEST = 0x0003, 65535  # ETH_P_ALL; bytes

interface, *path = sys.argv[1:]
to = open(path[0] if path else 1, "wb", buffering=0)  # noqa: SIM115  # it ends with the program
taken = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY))
if interface != "any":
    taken.bind((interface, EVERY))
signal.signal(signal.SIGTERM, signal.default_int_handler)
with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
    to.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, LONGEST, 1))  # Ethernet
    while True:
        frame = taken.recv(LONGEST)
        seconds, rest = divmod(time.time_ns(), 10**9)
        to.write(struct.pack("<IIII", seconds, rest // 1000, len(frame), len(frame)) + frame)
