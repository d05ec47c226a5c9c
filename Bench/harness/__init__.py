"""What every measurement needs: child processes, ports, origins and a Sluice to measure."""
