"""The ear's school: makes transcribed telephone speech, adapts Whisper to it, measures. Never loaded while a call runs."""
