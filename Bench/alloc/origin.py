"""The origin and the client of the gate: one connection at a time, and no allocation question of their own."""

import socket
import socketserver
import struct
import threading
from types import TracebackType

from harness.ports import LOOPBACK

BLOCK_BYTES = 1 << 20
MESSAGE = b"a small request\n"
_TIMEOUT_SECONDS = 20
# What a client asks for: one letter, and how many bytes.
_REQUEST = struct.Struct("!cQ")
_ECHO, _SEND, _SINK = b"E", b"S", b"K"
_DONE = b"."


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        connection: socket.socket = self.request
        kind, length = _REQUEST.unpack(receive(connection, _REQUEST.size))
        if kind == _ECHO:
            connection.sendall(receive(connection, length))
        elif kind == _SEND:
            send_zeros(connection, length)
        elif kind == _SINK:
            discard(connection, length)
            connection.sendall(_DONE)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that failed has its own error; this side's would only be a second one."""


class Origin:
    """A server in a thread of this process, as a context manager."""

    def __enter__(self) -> "Origin":
        self._server = _Server((LOOPBACK, 0), _Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def connect(port: int) -> socket.socket:
    """A connection whose every wait ends in an error after a while. The caller closes it."""
    return socket.create_connection((LOOPBACK, port), _TIMEOUT_SECONDS)


def exchange(port: int) -> None:
    """Connects, sends one small message, reads its echo, closes."""
    with connect(port) as connection:
        connection.sendall(_REQUEST.pack(_ECHO, len(MESSAGE)) + MESSAGE)
        if receive(connection, len(MESSAGE)) != MESSAGE:
            raise ConnectionError("the echo differs from what was sent")


def ask_for(connection: socket.socket, length: int) -> None:
    """Asks the origin to send some bytes."""
    connection.sendall(_REQUEST.pack(_SEND, length))


def announce(connection: socket.socket, length: int) -> None:
    """Tells the origin how many bytes will come."""
    connection.sendall(_REQUEST.pack(_SINK, length))


def await_done(connection: socket.socket) -> None:
    """Waits until the origin has read everything that was announced."""
    receive(connection, len(_DONE))


def receive(connection: socket.socket, length: int) -> bytes:
    """Exactly so many bytes."""
    received = bytearray()
    while len(received) < length:
        piece = connection.recv(length - len(received))
        if not piece:
            raise ConnectionError(f"closed after {len(received)} of {length} bytes")
        received += piece
    return bytes(received)


def discard(connection: socket.socket, length: int) -> None:
    """Reads so many bytes and forgets them."""
    buffer = memoryview(bytearray(BLOCK_BYTES))
    while length > 0:
        count = connection.recv_into(buffer[: min(length, BLOCK_BYTES)])
        if count == 0:
            raise ConnectionError(f"closed with {length} bytes missing")
        length -= count


def send_zeros(connection: socket.socket, length: int) -> None:
    """Sends so many bytes."""
    block = memoryview(bytes(BLOCK_BYTES))
    while length > 0:
        connection.sendall(block[: min(length, BLOCK_BYTES)])
        length -= min(length, BLOCK_BYTES)
