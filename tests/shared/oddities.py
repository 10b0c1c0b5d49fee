"""What a function may do to the process that runs it."""

from __future__ import annotations

import os
import time


def act(request: bytes) -> bytes:
    match request.partition(b" "):
        case b"die", _, _:
            os.abort()
        case b"spin", _, seconds:
            ends = time.process_time() + float(seconds)
            while time.process_time() < ends:
                pass
        case b"sleep", _, seconds:
            time.sleep(float(seconds))
        case b"eat", _, size:
            return str(len(bytearray(int(size)))).encode()
        case b"write", _, path:
            with open(path, "wb") as file:
                file.write(b"anything")
        case b"print", _, words:
            print(words.decode(), flush=True)
        case b"know", _, name:
            return os.environ.get(name.decode(), "nothing").encode()
        case b"pid", _, _:
            return str(os.getpid()).encode()
    return request[::-1]
