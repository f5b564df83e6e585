"""Runs the clients of the lab, with two things more than it has: `codex-socket` is Codex over a WebSocket, and each
result names the version of its client. Takes the arguments of the lab's `run_clients.py`; CLIENTS_LAB is its folder."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.environ["CLIENTS_LAB"])
import run_clients as lab  # noqa: E402

# It starts itself again inside of its network namespace: as this file.
lab.__file__ = os.path.abspath(__file__)
lab.CLIENTS["codex-socket"] = lab.CLIENTS["codex"]
set_up, run_one = lab.setup_cli, lab.run_one


def set_up_with_sockets(name, options, home, work, prompt, turn):
    if name != "codex-socket":
        return set_up(name, options, home, work, prompt, turn)
    made = set_up("codex", options, home, work, prompt, turn)
    path = os.path.join(home, ".codex", "config.toml")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    wire = 'wire_api = "responses"\n'
    if wire not in text:
        raise ValueError("the lab's configuration of Codex has changed")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(wire, wire + "supports_websockets = true\n"))
    return made


def run_with_version(name, turn, options, root):
    result = run_one(name, turn, options, root)
    return result and dict(result, version=lab.version_of(options.cache, lab.CLIENTS[name][1][0]))


lab.setup_cli, lab.run_one = set_up_with_sockets, run_with_version

if __name__ == "__main__":
    sys.exit(lab.main())
