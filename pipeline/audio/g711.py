"""G.711, the telephone's codec, between door and ear: one byte per sample, both laws, by tables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Pcm = npt.NDArray[np.int16]

PCMA_SILENCE = 0xD5  # byte of digital silence, A-law
PCMU_SILENCE = 0xFF  # byte of digital silence, µ-law
_BIAS = 132  # µ-law offset on the 16-bit scale
_CLIP = 32635  # largest µ-law magnitude on the 16-bit scale


def _pcma_table() -> Pcm:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    exponent = (code & 0x70) >> 4
    mantissa = (code & 0x0F) << 4
    magnitude = np.where(exponent == 0, mantissa + 8, (mantissa + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _pcmu_table() -> Pcm:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + _BIAS) << ((code & 0x70) >> 4)) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _exponent(value: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Number of doublings from 128 up to each value, 0 to 7."""
    steps = 128 << np.arange(1, 8)
    return np.searchsorted(steps, value, side="right").astype(np.int32)


def _pcma_encoder() -> npt.NDArray[np.uint8]:
    pcm = np.arange(-32768, 32768, dtype=np.int32)
    magnitude = np.where(pcm >= 0, pcm, ~pcm)
    exponent = np.where(magnitude < 256, 0, _exponent(magnitude))
    mantissa = (magnitude >> np.where(exponent == 0, 4, exponent + 3)) & 0x0F
    code = (exponent << 4) | mantissa | np.where(pcm >= 0, 0x80, 0)
    return (code ^ 0x55).astype(np.uint8)


def _pcmu_encoder() -> npt.NDArray[np.uint8]:
    pcm = np.arange(-32768, 32768, dtype=np.int32)
    magnitude = np.minimum(np.abs(pcm), _CLIP) + _BIAS
    exponent = _exponent(magnitude)
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    code = (exponent << 4) | mantissa | np.where(pcm < 0, 0x80, 0)
    return (~code & 0xFF).astype(np.uint8)


PCMA_TO_PCM = _pcma_table()  # byte → int16
PCMU_TO_PCM = _pcmu_table()
_PCM_TO_PCMA = _pcma_encoder()  # int16 + 32768 → byte
_PCM_TO_PCMU = _pcmu_encoder()


def decode_pcma(data: bytes) -> Pcm:
    """A-law bytes → samples."""
    return PCMA_TO_PCM[np.frombuffer(data, np.uint8)]


def decode_pcmu(data: bytes) -> Pcm:
    """µ-law bytes → samples."""
    return PCMU_TO_PCM[np.frombuffer(data, np.uint8)]


def encode_pcma(pcm: Pcm) -> bytes:
    """Samples → A-law bytes."""
    return _PCM_TO_PCMA[pcm.astype(np.int32) + 32768].tobytes()


def encode_pcmu(pcm: Pcm) -> bytes:
    """Samples → µ-law bytes."""
    return _PCM_TO_PCMU[pcm.astype(np.int32) + 32768].tobytes()


def decode(codec: str, data: bytes) -> Pcm:
    """Bytes of any codec of the house → samples. Raises ValueError on an unknown codec or half a sample."""
    if codec == "PCMA":
        return decode_pcma(data)
    if codec == "PCMU":
        return decode_pcmu(data)
    if codec == "L16":
        if len(data) % 2:
            raise ValueError(f"L16 audio of {len(data)} bytes ends in half a sample")
        return np.frombuffer(data, "<i2").astype(np.int16, copy=False)
    raise ValueError(f"unknown codec {codec!r}: expected L16, PCMA or PCMU")


def encode(codec: str, pcm: Pcm) -> bytes:
    """Samples → bytes of any codec of the house. Raises ValueError on an unknown codec."""
    if codec == "PCMA":
        return encode_pcma(pcm)
    if codec == "PCMU":
        return encode_pcmu(pcm)
    if codec == "L16":
        return pcm.astype("<i2").tobytes()
    raise ValueError(f"unknown codec {codec!r}: expected L16, PCMA or PCMU")
