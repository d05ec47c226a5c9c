"""The readers of /proc, on texts as the kernel writes them."""

import unittest

import support  # noqa: F401
from harness import procfs

# Fields 14 and 15 are 120 and 35; the name holds a blank and a parenthesis.
STAT = "42 (odd) name) S 1 42 42 0 -1 4194560 100 0 0 0 120 35 0 0 20 0 1 0 99 1000 200"

PROC_NET_TCP = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:1F91 0100007F:8000 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
   2: 0100007F:1F92 0100007F:8001 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0
"""


class Stat(unittest.TestCase):
    def test_user_and_system_time(self) -> None:
        self.assertEqual(procfs.parse_stat_cpu_ticks(STAT), 155)


class Rss(unittest.TestCase):
    def test_kibibytes_become_bytes(self) -> None:
        text = "00400000-7fff [rollup]\nRss:    2048 kB\nPss:   100 kB\n"
        self.assertEqual(procfs.parse_rss_bytes(text), 2048 * 1024)

    def test_a_missing_line_is_an_error(self) -> None:
        with self.assertRaises(ValueError):
            procfs.parse_rss_bytes("Pss:   100 kB\n")


class Listening(unittest.TestCase):
    def test_only_listening_sockets_count(self) -> None:
        self.assertEqual(procfs.parse_listening_ports(PROC_NET_TCP), {0x1F90})


if __name__ == "__main__":
    unittest.main()
