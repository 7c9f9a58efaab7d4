"""The illustrative agreements of the demonstration: invented bodies, made through the same actions as real ones."""
