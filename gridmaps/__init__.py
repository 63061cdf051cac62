"""The catalogue that gathers every layer; from it come the stream, tiles, diagrams, exports."""
