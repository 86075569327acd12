"""Models of every family Voxgate speaks with, made of tones: the published inputs, names, types and metadata around a
graph whose output lengths can be counted. Nothing in them is anybody's voice."""
