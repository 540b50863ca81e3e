"""`hotline worker transcriber` over what the calls of the fault tests say: the same worker, no model."""

from __future__ import annotations

from pipeline.asr.options import EarOptions
from pipeline.cli.worker import _run
from pipeline.run.ear import teller
from pipeline.run.ear_worker import EarWorker
from tests.faults.spoken import SpokenEngine

OPTIONS = EarOptions(checkpoint_every_s=2.0)

if __name__ == "__main__":
    _run(
        lambda chosen, connection, store, metrics: EarWorker(
            connection, SpokenEngine(), OPTIONS, metrics, teller(store)
        )
    )
