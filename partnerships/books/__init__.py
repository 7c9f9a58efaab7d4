"""How files of agreements and schemes are checked, shown and kept: implementations of the upload engine's books."""
