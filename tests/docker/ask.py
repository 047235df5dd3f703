"""Ask every target at once, from the network that this runs in; print a line for each answer.

ask.py SOURCE TARGET...    a target is ADDRESS:PORT, for HTTP, or ADDRESS, for ping
"""

from __future__ import annotations

import asyncio
import errno
import sys

SECONDS = 3
_WORDS = {errno.ECONNREFUSED: "refused", errno.EHOSTUNREACH: "unreachable", errno.ENETUNREACH: "no route"}


async def fetch(address: str, port: str) -> str:
    """Who answers HTTP, and whom it sees."""
    reader, writer = await asyncio.open_connection(address, int(port))
    writer.write(b"GET /cgi-bin/who HTTP/1.0\r\n\r\n")
    answer = (await reader.read()).decode().split("\n")
    writer.close()
    return f"OK {answer[-2]}" if len(answer) > 2 else "hung up"


async def ping(address: str) -> str:
    words = ("ping", "-c", "1", "-W", str(SECONDS), address)
    program = await asyncio.create_subprocess_exec(*words, stdout=-3, stderr=-3)  # -3: nowhere
    return "timed out" if await program.wait() else "OK"


async def ask(target: str) -> str:
    address, _, port = target.partition(":")
    try:
        return await asyncio.wait_for(fetch(address, port) if port else ping(address), SECONDS)
    except TimeoutError:
        return "timed out"
    except OSError as error:
        return _WORDS.get(error.errno or 0, str(error))


async def main(source: str, *targets: str) -> None:
    answers = await asyncio.gather(*map(ask, targets))
    for target, answer in zip(targets, answers, strict=True):
        print(f"{source} -> {target}: {answer}")


asyncio.run(main(*sys.argv[1:]))
