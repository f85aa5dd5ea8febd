"""The double as a process of its own: `python -m tests.doubles.messages_api --text "Bonjour"`.

Prints its address on the first line, and stops when its standard input closes.
"""

import argparse
import sys

from tests.doubles.messages_api.server import MessagesApi


def main() -> None:
    parser = argparse.ArgumentParser(prog="messages_api")
    parser.add_argument("--text", default="Bonjour, je suis la doublure de la Messages API.")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds before each event")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before the answer")
    options = parser.parse_args()
    with MessagesApi() as double:
        double.keep_requests = False
        double.reply_forever(options.text, pace=options.pace, delay=options.delay)
        print(double.base_url, double.key, flush=True)  # noqa: T201 - it is what callers read
        sys.stdin.read()


main()
