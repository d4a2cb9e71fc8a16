"""Tell systemd that we are ready, alive or stopping (sd_notify(3)); silent when not run by systemd."""

import socket


def notify(address: str | None, message: str) -> None:
    """Send one sd_notify datagram, for example "READY=1". `address` is NOTIFY_SOCKET; None does nothing."""
    if not address:
        return
    path = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        try:
            channel.connect(path)
            channel.sendall(message.encode())
        except OSError:
            return  # systemd is gone or refuses: serving mail matters more
