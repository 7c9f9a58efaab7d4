"""Forms. They check the form of input; the rules and actions check everything else."""
