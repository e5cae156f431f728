"""A cable between a virtual machine and the network, on which the machine's boot ROM is a PXE ROM like any other.

QEMU's cards have iPXE as their ROM. A DHCP server knows iPXE by option 175 and by the user class, option 77. Both get
numbers here that mean nothing, in what is sent until the ROM has asked for a boot program by TFTP; what that program
sends then is not touched.

Arguments: the tap device, the UDP port to listen on, the UDP port of the machine, the file for the process id.
"""

import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
IP, UDP, DHCP_SERVER, TFTP = b"\x08\x00", 17, 67, 69
COOKIE = b"\x63\x82\x53\x63"
MEANS_NOTHING = {175: 230, 77: 231}


def port_of(frame):
    """The UDP port that a frame goes to, and where its content begins."""
    if frame[12:14] != IP or frame[23] != UDP:
        return None, 0
    udp = 14 + (frame[14] & 15) * 4
    return struct.unpack_from("!H", frame, udp + 2)[0], udp + 8


def disguise(frame, content):
    """A DHCP message without the marks of iPXE."""
    frame = bytearray(frame)
    at = frame.find(COOKIE, content) + len(COOKIE)
    while at < len(frame) and frame[at] != 255:
        if frame[at] == 0:
            at += 1
            continue
        frame[at] = MEANS_NOTHING.get(frame[at], frame[at])
        at += 2 + frame[at + 1]
    # No check sum, which UDP allows.
    frame[content - 2 : content] = b"\0\0"
    return bytes(frame)


def main(tap, port, machine, pid_file):
    wire = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(wire, TUNSETIFF, struct.pack("16sH22x", tap.encode(), IFF_TAP | IFF_NO_PI))
    card = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    card.bind(("127.0.0.1", int(port)))
    with open(pid_file, "w") as file:
        file.write(str(os.getpid()))
    disguised = True
    while True:
        ready, _, _ = select.select([wire, card], [], [])
        if wire in ready:
            try:
                card.sendto(os.read(wire, 65536), ("127.0.0.1", int(machine)))
            except ConnectionRefusedError:
                pass  # the machine is not on yet, or is off
        if card in ready:
            try:
                frame = card.recv(65536)
            except ConnectionRefusedError:
                continue
            to, content = port_of(frame)
            if to == TFTP:
                disguised = False
            if to == DHCP_SERVER and disguised:
                frame = disguise(frame, content)
            os.write(wire, frame)


main(*sys.argv[1:])
