"""Open many streams in a process of its own and note when each message comes.

    python -m benchmarks.listeners PORT PATH MARK < HEADERS

HEADERS: one line a stream, sent as a request header. `ready` is printed when each stream has sent
MARK; at the end of stdin one JSON line for each message: [stream, name, time], with the name as
in `"number":"…"` and the time of CLOCK_MONOTONIC in seconds at which its last byte was read.
Nothing is parsed before the end, so that listening to 5,000 streams takes little of the cores it
shares with the server.
"""

import json
import re
import resource
import select
import socket
import sys
import time

NUMBER = re.compile(rb'"number":\s*"([^"]+)"')
OPENING_S = 120


def main() -> None:
    port, path, mark = int(sys.argv[1]), sys.argv[2], sys.argv[3].encode()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    headers = []
    for line in sys.stdin:
        if line == "go\n":
            break
        headers.append(line.strip())
    poll = select.epoll()
    lines = [opened(port, path, header) for header in headers]
    streams = {line.fileno(): (index, line) for index, line in enumerate(lines)}
    wait_for(poll, streams, mark)
    print("ready", flush=True)
    for stream, name, at in listen(poll, streams):
        print(json.dumps([stream, name, at]))


def opened(port: int, path: str, header: str) -> socket.socket:
    for _ in range(100):
        try:
            line = socket.create_connection(("127.0.0.1", port), 30)
            break
        except OSError:
            time.sleep(0.1)
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
    line.sendall(f"{head}{header}\r\n\r\n".encode())
    line.setblocking(False)
    return line


def wait_for(poll: select.epoll, streams: dict, mark: bytes) -> None:
    """Until each stream has sent the mark."""
    begun = {file: b"" for file in streams}
    for file in streams:
        poll.register(file, select.EPOLLIN)
    ends = time.monotonic() + OPENING_S
    while begun and time.monotonic() < ends:
        for file, _event in poll.poll(1):
            got = streams[file][1].recv(1 << 16)
            if not got:
                raise SystemExit("a stream is refused")
            if file in begun and mark in begun[file] + got:
                del begun[file]
            elif file in begun:
                begun[file] += got
    if begun:
        raise SystemExit(f"{len(begun)} streams did not begin")


def listen(poll: select.epoll, streams: dict):
    """Read until stdin ends; then the messages."""
    took: list[tuple[int, float, bytes]] = []
    poll.register(sys.stdin.fileno(), select.EPOLLIN | select.EPOLLHUP)
    while True:
        for file, _event in poll.poll():
            if file not in streams:
                yield from messages(took)
                return
            got = streams[file][1].recv(1 << 20)
            if not got:
                poll.unregister(file)
            took.append((streams[file][0], time.monotonic(), got))


def messages(took: list[tuple[int, float, bytes]]):
    """Stream, name and time; a message may have come in two pieces."""
    rests: dict[int, bytes] = {}
    for stream, at, got in took:
        whole, _end, rests[stream] = (rests.get(stream, b"") + got).rpartition(b"\n")
        for name in NUMBER.findall(whole):
            yield stream, name.decode(), at


if __name__ == "__main__":
    main()
