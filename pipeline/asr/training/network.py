"""The ear's school, fifth step: Whisper in torch, filled from CTranslate2 weights, with a low-rank adapter."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from peft import LoraConfig, inject_adapter_in_model
from transformers import WhisperConfig, WhisperForConditionalGeneration

from pipeline.asr.models.layout import FUSED, hf_arrays, whisper_size
from pipeline.asr.models.weights import Weights

ALPHA_PER_RANK = 2.0


def build(weights: Weights) -> WhisperForConditionalGeneration:
    """The network with the weights of a CTranslate2 Whisper; every parameter is filled or it raises."""
    size = whisper_size(weights)
    end = min(50257, size.vocabulary - 1)  # <|endoftext|>
    config = WhisperConfig(
        pad_token_id=end, bos_token_id=end, eos_token_id=end, decoder_start_token_id=end,
        max_target_positions=weights.arrays["decoder/position_encodings/encodings"].shape[0],
        d_model=size.width, encoder_layers=size.encoder_layers, decoder_layers=size.decoder_layers,
        encoder_attention_heads=size.heads, decoder_attention_heads=size.heads, encoder_ffn_dim=size.inner,
        decoder_ffn_dim=size.inner, vocab_size=size.vocabulary, num_mel_bins=size.mels, dropout=0.0,
        max_source_positions=size.positions,
    )  # fmt: skip
    config._attn_implementation = "sdpa"  # the library's own constructor argument is not in its type
    model = WhisperForConditionalGeneration(config)
    state = {name: torch.from_numpy(np.ascontiguousarray(array, np.float32)) for name, array in hf_arrays(weights)}
    missing, unexpected = model.load_state_dict(state, strict=False)
    left = [name for name in missing if not name.endswith("proj_out.weight")]
    if left or unexpected:
        raise ValueError(f"weights do not fill the network: missing {left[:3]}, unexpected {unexpected[:3]}")
    model.tie_weights()
    return model


def add_adapter(model: WhisperForConditionalGeneration, rank: int) -> list[torch.nn.Parameter]:
    """Freezes the network and puts a low-rank adapter on every projection; returns what there is to train."""
    model.requires_grad_(False)
    config = LoraConfig(
        r=rank, lora_alpha=int(ALPHA_PER_RANK * rank), target_modules=sorted(set(FUSED)), lora_dropout=0.0
    )
    inject_adapter_in_model(config, model.model)
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


def adapter_arrays(model: WhisperForConditionalGeneration) -> dict[str, np.ndarray]:
    """The adapter's two thin matrices per projection, named like the projection."""
    found: dict[str, np.ndarray] = {}
    for name, parameter in model.model.named_parameters():
        if ".lora_" in name:
            place, _, rest = name.partition(".lora_")
            found[f"{place}.{rest.split('.')[0].lower()}"] = parameter.detach().cpu().numpy().astype(np.float32)
    return found


def encode(model: WhisperForConditionalGeneration, mels: torch.Tensor) -> torch.Tensor:
    """The encoder on windows of any length up to 30 s."""
    encoder: Any = model.model.encoder
    hidden = torch.nn.functional.gelu(encoder.conv1(mels))
    hidden = torch.nn.functional.gelu(encoder.conv2(hidden)).transpose(1, 2)
    hidden = hidden + encoder.embed_positions.weight[: hidden.shape[1]]
    for layer in encoder.layers:
        out = layer(hidden, None)
        hidden = out[0] if isinstance(out, tuple) else out
    return encoder.layer_norm(hidden)


def logits(model: WhisperForConditionalGeneration, mels: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    decoder: Any = model.model.decoder
    out = decoder(input_ids=tokens, encoder_hidden_states=encode(model, mels), use_cache=False)
    return model.proj_out(out.last_hidden_state)
