"""A server with TLS before one without, on a port of its own, which it prints.

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


def accept(context, client, address):
    try:
        serve(context.wrap_socket(client, server_side=True), socket.create_connection(address))
    except OSError:
        # A client that doesn't trust the certificate leaves.
        client.close()


host, port = sys.argv[1].removeprefix("http://").split(":")
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(FOLDER / "server.pem", FOLDER / "server.key")
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    client, _ = listener.accept()
    threading.Thread(target=accept, args=(context, client, (host, int(port))), daemon=True).start()
