"""The scenes of the demo library, drawn and played by the program itself."""
