"""Voices: text spoken by Kokoro-82M, for training the ear and for the sample calls. Never loaded while a call runs."""
