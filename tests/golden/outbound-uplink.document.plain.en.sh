#!/usr/bin/env bash
# Let 10.0.0.0/24 on bridge br666 reach the outside.
iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o em1 -j MASQUERADE
sysctl -w net.ipv4.ip_forward=1
iptables -A FORWARD -i br666 -o br666 -j ACCEPT
iptables -A FORWARD -i br666 ! -o br666 -j ACCEPT
iptables -A FORWARD ! -i br666 -o br666 -j ACCEPT
