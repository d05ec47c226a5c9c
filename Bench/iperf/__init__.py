"""`sluice bench` beside iperf3 on the same emulated path."""
