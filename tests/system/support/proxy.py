"""A TCP proxy between the service and a server that does what bad networks do."""
import contextlib
import os
import select
import socket
import struct
import threading
import time

CHUNK = 64 * 1024
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close() sends RST


def holds_port(pid, port):
    """Whether the process has the IPv4 TCP connection with this local port."""
    with open("/proc/net/tcp") as table:
        inodes = {line.split()[9] for line in table.readlines()[1:] if line.split()[1].endswith(f":{port:04X}")}
    for entry in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{pid}/fd/{entry}") in {f"socket:[{inode}]" for inode in inodes}:
                return True
    return False


class Link:
    """One connection through the proxy, with one thread a direction."""

    def __init__(self, proxy, client, server):
        self.proxy, self.sockets = proxy, {"server": server, "service": client}
        self.passing, self.hearing, self.held, self.ended = threading.Event(), threading.Event(), b"", 0
        self.passing.set()
        self.hearing.set()
        for towards, source, target in (("server", client, server), ("service", server, client)):
            threading.Thread(target=self._run, args=(towards, source, target), daemon=True).start()

    def _run(self, *way):
        try:
            self._pump(*way)
        finally:
            with self.proxy.lock:
                self.ended += 1
            if self.ended == 2:  # else the sockets of every connection there was would stay: select() knows 1,024
                for end in self.sockets.values():
                    end.close()

    def _pump(self, towards, source, target):
        with contextlib.suppress(OSError, ValueError):
            while True:
                if not select.select([source], [], [], 0.1)[0]:
                    continue
                self.proxy.open_for(towards).wait()
                data = source.recv(self.proxy.chunk())
                if not data:
                    break
                data, cut = self.proxy.count(towards, data)
                if towards == "server" and not (data := self.proxy.hear(self, data)):
                    continue
                self.proxy.slow_down(len(data))
                self.proxy.open_for(towards).wait()
                if towards == "server":
                    self._note(data)
                else:
                    self.hearing.wait()
                self.passing.wait()
                target.sendall(data)
                if cut:
                    return self.reset()
            target.shutdown(socket.SHUT_WR)

    def _note(self, data):
        if not self.passing.is_set():
            self.held += data
        if self.proxy.mute_from is not None and self.proxy.mute_from in data:
            self.hearing.clear()

    def hold(self):
        """What comes from now on waits for release(), in both directions."""
        self.passing.clear()

    def release(self):
        self.passing.set()

    def half_close(self, towards):
        """`towards` hears the end of the stream; the other direction goes on."""
        with contextlib.suppress(OSError):
            self.sockets[towards].shutdown(socket.SHUT_WR)

    def reset(self):
        for end in self.sockets.values():
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.shutdown(socket.SHUT_RD)  # wakes the thread that waits for it
                end.close()


class Proxy:
    """`port` leads to `target`, a port too, that may be changed for connections to come. All switches act at once."""

    def __init__(self, target):
        self.target, self.latency, self.rate = target, 0.0, None
        self.mute_from = None  # a connection that has sent these bytes to the server hears nothing more; None: all do
        self.only_for = None  # the one process whose new connections are let through; None: all
        self.links, self.resets = [], 0
        self.heard = []  # words towards the server, and what is done when they come
        self.left = {}  # towards whom: bytes until the connection that carries them is cut
        self.gates = {"server": threading.Event(), "service": threading.Event()}
        self.lock = threading.Lock()
        self.heal()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _accept(self):
        while True:
            try:
                client, address = self.listener.accept()
            except ConnectionAbortedError:
                continue
            except OSError:  # close()
                return
            try:
                self._connect(client, address[1])
            except OSError:  # one connection that fails is no end of the proxy
                client.close()

    def _connect(self, client, port):
        if self.only_for is not None and not holds_port(self.only_for, port):
            return client.close()
        server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        server.settimeout(None)
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.links = [link for link in self.links if link.sockets["service"].fileno() >= 0]
        self.links.append(Link(self, client, server))

    # --- what the network does
    def black_hole(self, *towards):
        """Nothing passes any more, in these directions or in both; connections stay, new ones seem to open."""
        for end in towards or self.gates:
            self.gates[end].clear()

    def heal(self):
        self.latency, self.rate, self.left, self.mute_from = 0.0, None, {}, None
        for link in self.links:
            link.hearing.set()
        for gate in self.gates.values():
            gate.set()

    def reset(self):
        for link in self.links:
            link.reset()

    def half_close(self, towards):
        for link in self.links:
            link.half_close(towards)

    @contextlib.contextmanager
    def holding(self):
        """What comes over the connections there are waits until the block ends; new ones pass. Gives the held links."""
        links = list(self.links)
        for link in links:
            link.hold()
        try:
            yield links
        finally:
            for link in links:
                link.release()

    def before(self, words, action):
        """The first time that these words are on their way to the server, `action` is done before they pass."""
        self.heard.append((words, lambda link, data: (action(), data)[1], True))

    def refuse(self, words, sqlstate, message):
        """PostgreSQL's statements with these words never reach it: they are answered with this error."""
        fields = f"SERROR\0VERROR\0C{sqlstate}\0M{message}\0\0".encode()
        answer = b"E" + (len(fields) + 4).to_bytes(4, "big") + fields + b"Z\0\0\0\x05I"

        def refuse(link, data):
            link.sockets["service"].sendall(answer)
            return b""

        self.heard.append((words, refuse, False))

    def cut_after(self, count, towards):
        """The connection over which `count` more bytes have gone `towards` "server" or "service" is reset there."""
        self.left[towards] = count

    def has_cut(self, towards):
        return towards not in self.left

    def close(self):
        self.listener.close()
        self.heal()
        self.reset()

    # --- for the links
    def hear(self, link, data):
        """What of the data passes on."""
        for one in [one for one in self.heard if one[0] in data]:
            if one[2]:
                self.heard.remove(one)
            data = one[1](link, data)
        return data

    def open_for(self, towards):
        return self.gates[towards]

    def chunk(self):
        return CHUNK if self.rate is None else max(1, min(CHUNK, int(self.rate / 20)))

    def slow_down(self, count):
        time.sleep(self.latency + (count / self.rate if self.rate else 0))

    def count(self, towards, data):
        """What may still pass, and whether the connection ends behind it."""
        with self.lock:
            if towards not in self.left:
                return data, False
            passing = data[: self.left[towards]]
            self.left[towards] -= len(passing)
            if self.left[towards] > 0:
                return passing, False
            del self.left[towards]
            self.resets += 1
            return passing, True
