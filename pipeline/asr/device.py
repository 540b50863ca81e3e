"""Which device and compute type the ear's model gets on this machine."""

from __future__ import annotations

import ctranslate2


def describe(device: str, compute: str) -> str:
    """The choice in words, e.g. "cpu, int8; no GPU here". Raises ValueError when a GPU is asked for in vain."""
    gpus = ctranslate2.get_cuda_device_count()
    if device == "cuda" and not gpus:
        raise ValueError("HOTLINE_ASR_DEVICE=cuda, but no GPU is to be seen: check the driver, or use auto")
    chosen = "cuda" if device == "cuda" or (device == "auto" and gpus) else "cpu"
    wanted = compute if compute != "auto" else ("float16" if chosen == "cuda" else "int8")
    able = ctranslate2.get_supported_compute_types(chosen)
    if wanted not in able:
        raise ValueError(
            f"compute type {wanted} is not supported on {chosen} here; supported: {', '.join(sorted(able))}"
        )
    return f"{chosen}, {wanted}; " + (f"{gpus} GPU" if gpus else "no GPU here")
