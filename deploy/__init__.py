"""Running PooledCare on one machine: the embedded database, the processes, the commands behind `make run`."""
