"""A server with TLS before one without, on a port of its own, which it prints.

With the word `proxy` it is a proxy that ends TLS itself, in the place of whichever host is asked for:
`relay.py http://127.0.0.1:PORT [proxy]`.

The certificate is of an authority that nobody trusts by default; its key opens nothing but this.
"""

import pathlib
import socket
import ssl
import sys
import threading

FOLDER = pathlib.Path(__file__).parent


def pass_on(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        # Either side may have gone.
        pass


def serve(client, server):
    back = threading.Thread(target=pass_on, args=(server, client), daemon=True)
    back.start()
    pass_on(client, server)
    back.join()
    client.close()
    server.close()


def open_tunnel(client):
    """Whoever asks a proxy for a host says so before any TLS."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = client.recv(1)
        if not byte:
            raise OSError("it has left")
        head += byte
    if not head.startswith(b"CONNECT "):
        client.sendall(b"HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\n\r\n")
        raise OSError("it asks for something else")
    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")


def accept(context, client, address, is_proxy):
    try:
        if is_proxy:
            open_tunnel(client)
        serve(context.wrap_socket(client, server_side=True), socket.create_connection(address))
    except OSError:
        # A client that doesn't trust the certificate leaves.
        client.close()


host, port = sys.argv[1].removeprefix("http://").split(":")
is_proxy = sys.argv[2:] == ["proxy"]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(FOLDER / "server.pem", FOLDER / "server.key")
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    client, _ = listener.accept()
    words = (context, client, (host, int(port)), is_proxy)
    threading.Thread(target=accept, args=words, daemon=True).start()
