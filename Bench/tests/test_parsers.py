"""The parsers, against output of the tools' real versions."""

import unittest

import support  # noqa: F401
from harness.programs import UnexpectedOutput
from peers import parsers

REDIS_CSV = """WARNING: Keepalive disabled. You probably need 'echo 1 > /proc/sys/net/ipv4/tcp_tw_reuse'
"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
"GET","30487.80","0.421","0.088","0.295","0.879","3.359","4.711"
"""

NGINX_DYNAMIC = "configure arguments: --modules-path=/usr/lib/nginx/modules --with-threads --with-stream=dynamic"
NGINX_LINKED = "configure arguments: --prefix=/usr --with-stream"


class RedisBenchmark(unittest.TestCase):
    def test_skips_the_warning_before_the_table(self) -> None:
        self.assertEqual(parsers.parse_redis_benchmark(REDIS_CSV), parsers.Requests(30487.80, 0.421, 0.295))

    def test_a_second_row_is_refused(self) -> None:
        with self.assertRaises(UnexpectedOutput):
            parsers.parse_redis_benchmark(REDIS_CSV + '"SET","1","1","1","1","1","1","1"\n')

    def test_output_without_a_table_is_refused(self) -> None:
        with self.assertRaisesRegex(UnexpectedOutput, "Connection refused"):
            parsers.parse_redis_benchmark("Could not connect: Connection refused\n")


class RedisInfo(unittest.TestCase):
    TEXT = "# Stats\r\ntotal_connections_received:5021\r\ntotal_commands_processed:7\r\n"

    def test_finds_a_counter(self) -> None:
        self.assertEqual(parsers.parse_redis_info(self.TEXT, "total_connections_received"), 5021)

    def test_a_part_of_a_name_is_not_the_name(self) -> None:
        with self.assertRaises(UnexpectedOutput):
            parsers.parse_redis_info(self.TEXT, "connections_received")


class NginxBuild(unittest.TestCase):
    def test_a_dynamic_module_is_loaded_from_its_directory(self) -> None:
        self.assertEqual(parsers.nginx_stream_module(NGINX_DYNAMIC), "/usr/lib/nginx/modules/ngx_stream_module.so")

    def test_a_linked_module_is_not_loaded(self) -> None:
        self.assertIsNone(parsers.nginx_stream_module(NGINX_LINKED))


if __name__ == "__main__":
    unittest.main()
