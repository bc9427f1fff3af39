"""Asks the phone, from a process that runs on it: `ask.py COMMAND ARGUMENTS`. Needs the standard library only."""

import json
import os
import socket
import sys
from typing import Any


def ask(question: dict[str, Any]) -> dict[str, Any]:
    """The phone's answer; it comes once whatever is planned for this moment has happened."""
    with socket.create_connection(("127.0.0.1", int(os.environ["PHONE_CONTROL"]))) as connection:
        mine = {"pid": os.getpid(), "shell": os.environ.get("PHONE_SHELL")}
        connection.sendall(json.dumps(question | mine).encode() + b"\n")
        with connection.makefile("r") as answers:
            answer: dict[str, Any] = json.loads(answers.readline() or "{}")
            return answer


def main() -> int:
    command, *arguments = sys.argv[1:]
    answer = ask({"ask": command, "arguments": arguments})
    sys.stdout.write(answer.get("output", ""))
    return int(answer.get("exit_code", 1))


if __name__ == "__main__":
    sys.exit(main())
