"""DHCP on a wire that nobody else has: starts a server, asks it as machines do, says what it answers.

Runs in a network namespace of its own (`unshare --net`), where it lays one wire for each network: the server has the end
with the address, the machines are on the other. Reads one JSON object from standard input, writes a list to standard
output, one answer for each request, `null` where there is none.
"""

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time

BROADCAST = b"\xff" * 6


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(mac, payload):
    """An Ethernet frame from a machine without an address to everybody."""
    udp = struct.pack("!HHHH", 68, 67, 8 + len(payload), 0) + payload
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, b"\0" * 4, b"\xff" * 4)
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return BROADCAST + mac + b"\x08\x00" + ip + udp


def option(code, data):
    return bytes([code, len(data)]) + data


def message(kind, number, mac, request, more=b""):
    """DHCPDISCOVER or DHCPREQUEST, with the broadcast flag."""
    head = struct.pack("!BBBBIHH16s16s64s128s", 1, 1, 6, 0, number, 4, 0x8000, b"", mac, b"", b"")
    options = option(53, bytes([kind])) + more
    if "arch" in request:
        # What PXE firmware says of itself (RFC 4578).
        kinds = "HTTPClient" if request["arch"] in (15, 16, 19) else "PXEClient"
        options += option(93, struct.pack("!H", request["arch"])) + option(94, b"\1\3\0")
        options += option(60, f"{kinds}:Arch:{request['arch']:05}:UNDI:003000".encode())
    for code, data in request.get("options", {}).items():
        options += option(int(code), bytes.fromhex(data))
    if request.get("asks"):
        options += option(55, bytes(request["asks"]))
    return (head + b"\x63\x82\x53\x63" + options + b"\xff").ljust(300, b"\0")


def read(data):
    """What a frame answers, and to which request; none when it is no answer."""
    if data[12:14] != b"\x08\x00" or data[23] != 17:
        return None
    udp = data[14 + (data[14] & 15) * 4 :]
    if struct.unpack("!HH", udp[:4]) != (67, 68):
        return None
    bootp = udp[8:]
    address = lambda at: socket.inet_ntoa(bootp[at : at + 4])
    options, at = {}, 240
    while at < len(bootp) and bootp[at] != 255:
        if bootp[at] == 0:
            at += 1
            continue
        code, length = bootp[at], bootp[at + 1]
        options[code] = options.get(code, b"") + bootp[at + 2 : at + 2 + length]
        at += 2 + length
    file = bootp[108:236].split(b"\0")[0]
    return struct.unpack("!I", bootp[4:8])[0], {
        "kind": options[53][0],
        "address": address(16),
        "next": address(20),
        # A server may use either place.
        "file": (options[67].rstrip(b"\0") if 67 in options else file).decode(),
        "server": options[54].hex(),
        "options": {str(code): data.hex() for code, data in options.items()},
    }


def exchange(wire, number, sent, patience, server=None):
    """Sends until something is answered, or the server ends."""
    end = time.monotonic() + patience
    while time.monotonic() < end and not (server and server.poll() is not None):
        wire.send(sent)
        again = min(end, time.monotonic() + 1.5)
        while (left := again - time.monotonic()) > 0 and select.select([wire], [], [], left)[0]:
            answer = read(wire.recv(4096))
            if answer and answer[0] == number:
                return answer[1]
    return None


def ask(wire, number, request, patience, server=None):
    """The offer; where the request takes it, what the server makes of that."""
    mac = bytes.fromhex(request["mac"].replace(":", ""))
    offer = exchange(wire, number, frame(mac, message(1, number, mac, request)), patience, server)
    if offer is None or not request.get("takes"):
        return offer
    chosen = option(50, socket.inet_aton(offer["address"])) + option(54, bytes.fromhex(offer["server"]))
    return exchange(wire, number, frame(mac, message(3, number, mac, request, chosen)), patience)


def lay(index, address):
    server, machines = f"srv{index}", f"cli{index}"
    run = lambda *words: subprocess.run(["ip", *words], check=True)
    run("link", "add", server, "type", "veth", "peer", "name", machines)
    run("address", "add", address, "dev", server)
    for name in (server, machines):
        run("link", "set", name, "up")
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    wire.bind((machines, 0))
    wire.setsockopt(263, 1, struct.pack("IHH8s", socket.if_nametoindex(machines), 1, 0, b""))  # all that comes by
    return wire


def main():
    task = json.load(sys.stdin)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    wires = [lay(index, address) for index, address in enumerate(task["wires"])]
    log = open(task["log"], "wb")
    server = subprocess.Popen(task["server"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        # The first request waits for the server to be up.
        first = dict(task["requests"][0])
        first.pop("takes", None)
        if ask(wires[first.get("wire", 0)], 0x10000, first, 30, server) is None:
            sys.exit(f"the server answers nothing (its status: {server.poll()})")
        answers = []
        for number, request in enumerate(task["requests"]):
            patience = 2.5 if request.get("silence") else 20
            answers.append(ask(wires[request.get("wire", 0)], 0x20000 + number, request, patience))
        json.dump(answers, sys.stdout)
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()


main()
