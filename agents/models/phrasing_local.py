"""Generated phrasing by a text model in a local folder: `transformers`, only where the training extra is installed."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

from agents.phrasing import Budget, Unphrased

READ = 2048  # tokens of what it is told


class LocalWriter:
    """Nothing is fetched and no code of the folder is run. One text at a time; the most likely word each time."""

    def __init__(self, folder: Path, budget: Budget | None = None) -> None:
        """Raises Unphrased where folder or library is missing."""
        try:
            import torch
            from transformers import AutoModelForCausalLM, AutoTokenizer

            chosen: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
            self._tokenizer = AutoTokenizer.from_pretrained(folder, **chosen)
            self._model = AutoModelForCausalLM.from_pretrained(folder, **chosen).eval()
        except (ImportError, OSError, ValueError) as error:
            raise Unphrased(f"{folder}: no text model can be opened: {type(error).__name__}") from error
        self._torch = torch
        self._budget = budget or Budget()
        self._lock = threading.Lock()
        self.name = folder.name

    async def write(self, rules: str, told: str) -> str:
        try:
            return await asyncio.wait_for(asyncio.to_thread(self._written, rules, told), self._budget.seconds + 0.5)
        except TimeoutError:
            raise Unphrased(f"no words within {self._budget.seconds} s") from None

    def _written(self, rules: str, told: str) -> str:
        messages = [{"role": "system", "content": rules}, {"role": "user", "content": told}]
        if getattr(self._tokenizer, "chat_template", None):
            prompt = self._tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        else:
            prompt = f"{rules}\n{told}\n"
        with self._lock, self._torch.inference_mode():
            given = self._tokenizer(prompt, return_tensors="pt", truncation=True, max_length=READ)
            given = {name: given[name] for name in ("input_ids", "attention_mask")}
            made = self._model.generate(
                **given,
                do_sample=False,
                max_new_tokens=self._budget.tokens,
                max_time=self._budget.seconds,
                pad_token_id=self._tokenizer.pad_token_id or self._tokenizer.eos_token_id or 0,
            )
        new = made[0][given["input_ids"].shape[1] :]
        return str(self._tokenizer.decode(new, skip_special_tokens=True)).strip()
