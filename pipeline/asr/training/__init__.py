"""The ear's school: makes transcribed telephone speech, adapts Whisper to it, measures. No part of a running desk."""
