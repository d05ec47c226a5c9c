"""The proxies under comparison, and no proxy at all."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness import sluice
from harness.paths import find_sluice, find_tool
from harness.ports import free_port
from harness.programs import output_of
from harness.server import Server
from harness.template import render
from peers.parsers import nginx_stream_module

_CONFIG = Path(__file__).parent / "config"

# directory for the configuration, port to listen on, port of the origin -> command line
CommandLine = Callable[[Path, int, int], list[str]]


@dataclass(frozen=True)
class Candidate:
    """A proxy to measure."""

    name: str
    version: str
    command: CommandLine

    def server(self, directory: Path, origin_port: int) -> Server:
        """The proxy in front of an origin, not yet started; its files go into the directory."""
        port = free_port()
        return Server(self.command(directory, port, origin_port), port)


def _sluice(binary: str) -> Candidate:
    def command(directory: Path, port: int, origin_port: int) -> list[str]:
        return sluice.command(binary, directory, port, origin_port)

    return Candidate("sluice", " ".join(output_of(binary, "--version").split()), command)


def _haproxy() -> Candidate:
    binary = find_tool("haproxy")

    def command(directory: Path, port: int, origin_port: int) -> list[str]:
        values = {"listen_port": port, "origin_port": origin_port}
        return [binary, "-db", "-f", str(render(_CONFIG / "haproxy.cfg", directory, values))]

    return Candidate("haproxy", output_of(binary, "-v").splitlines()[0], command)


def _nginx() -> Candidate:
    binary = find_tool("nginx")
    module = nginx_stream_module(output_of(binary, "-V"))

    def command(directory: Path, port: int, origin_port: int) -> list[str]:
        values = {
            "listen_port": port,
            "origin_port": origin_port,
            "directory": str(directory),
            "load_module": f"load_module {module};" if module else "",
        }
        config = render(_CONFIG / "nginx.conf", directory, values)
        return [binary, "-p", str(directory), "-c", str(config), "-e", "stderr"]

    return Candidate("nginx", output_of(binary, "-v").strip(), command)


def _envoy() -> Candidate:
    binary = find_tool("envoy")

    def command(directory: Path, port: int, origin_port: int) -> list[str]:
        values = {"listen_port": port, "origin_port": origin_port}
        config = render(_CONFIG / "envoy.yaml", directory, values)
        return [binary, "--concurrency", "1", "--disable-hot-restart", "--log-level", "warn", "-c", str(config)]

    return Candidate("envoy", output_of(binary, "--version").strip().rpartition("version: ")[2], command)


# The order in which each round runs them; "direct" is a client that connects to the origin itself.
DIRECT = "direct"
PEERS = ("haproxy", "nginx", "envoy")
NAMES = (DIRECT, "sluice", *PEERS)


def find(names: list[str], sluice_path: str | None) -> list[Candidate | None]:
    """The candidates of these names; None stands for a direct connection. A missing program is an error."""
    makers: dict[str, Callable[[], Candidate | None]] = {
        DIRECT: lambda: None,
        "sluice": lambda: _sluice(find_sluice(sluice_path)),
        "haproxy": _haproxy,
        "nginx": _nginx,
        "envoy": _envoy,
    }
    return [makers[name]() for name in names]
