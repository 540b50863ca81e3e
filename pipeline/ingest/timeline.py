"""One leg's line of samples: what came, gathered into records; what did not, as gaps. Always pos = received + gaps."""

from __future__ import annotations

import msgspec

from schemas.audio import BYTES_PER_SAMPLE, Codec, Frame, GapCause, Leg

RECORD_S = 0.1  # seconds of audio per record: frames of 20 ms are gathered, longer ones cut


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Samples of a leg that are not in the log."""

    leg: Leg
    sample_pos: int
    samples: int
    cause: GapCause


class Timeline:
    """Every sample sent is in exactly one frame or one gap, in order, however the source cut its messages."""

    def __init__(self, call: str, leg: Leg, codec: Codec, rate: int) -> None:
        self.call = call
        self.leg = leg
        self.codec = codec
        self.rate = rate
        self.width = BYTES_PER_SAMPLE[codec]
        self.seq = 0  # last one given
        self.received = 0  # samples in frames given out
        self.missing = 0  # samples in gaps, the open one included
        self._record = int(rate * RECORD_S) * self.width  # bytes
        self._held = bytearray()
        self._gap: Gap | None = None  # open: may still grow

    @property
    def end(self) -> int:
        """Position after the newest sample, held ones and gaps included."""
        return self.received + self.missing + len(self._held) // self.width

    def take(self, data: bytes, mono: int) -> list[Frame | Gap]:
        """Audio came: the records it completes."""
        if not data:
            return []
        out = self._close_gap()
        self._held += data
        while len(self._held) >= self._record:
            out.append(self._cut(self._record, mono))
        return out

    def miss(self, samples: int, cause: GapCause, mono: int) -> list[Frame | Gap]:
        """Samples did not come, or were not kept."""
        if samples <= 0:
            return []
        out = self.flush(mono)
        if self._gap is not None and self._gap.cause != cause:
            out += self._close_gap()
        start = self._gap.sample_pos if self._gap else self.end
        before = self._gap.samples if self._gap else 0
        self._gap = Gap(leg=self.leg, sample_pos=start, samples=before + samples, cause=cause)
        self.missing += samples
        return out

    def flush(self, mono: int) -> list[Frame | Gap]:
        """What is held becomes a short record now."""
        return [self._cut(len(self._held), mono)] if self._held else []

    def finish(self, mono: int) -> list[Frame | Gap]:
        """The last record and the last gap."""
        return self.flush(mono) + self._close_gap()

    def unkept(self, frame: Frame) -> Gap:
        """The log would not take a frame: its samples are a gap where they would have been."""
        self.received -= frame.samples
        self.missing += frame.samples
        return Gap(leg=self.leg, sample_pos=frame.sample_pos, samples=frame.samples, cause="overflow")

    def _cut(self, size: int, mono: int) -> Frame:
        self.seq += 1
        frame = Frame(
            call=self.call,
            leg=self.leg,
            seq=self.seq,
            sample_pos=self.received + self.missing,
            codec=self.codec,
            rate=self.rate,
            data=bytes(self._held[:size]),
            recv_mono=mono,
        )
        del self._held[:size]
        self.received += frame.samples
        return frame

    def _close_gap(self) -> list[Frame | Gap]:
        gap, self._gap = self._gap, None
        return [gap] if gap else []
