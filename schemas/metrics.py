"""The closed set of metric names. Labels come from closed sets too: never a call id, a phone number or a text."""

from __future__ import annotations

from typing import Literal

MetricName = Literal[
    "hotline_door_calls_total",  # calls opened, by door
    "hotline_door_calls_live",  # calls not ended, by door
    "hotline_door_refusals_total",  # refusals, by door and reason
    "hotline_door_frames_total",  # frames accepted
    "hotline_gap_samples_total",  # samples missing, by cause
    "hotline_log_append_seconds",  # append call → durable
    "hotline_log_oldest_unread_seconds",  # age of the oldest unprocessed event, by topic
    "hotline_ear_streams",  # streams with an open segment
    "hotline_ear_batch_rows",  # windows per batch
    "hotline_ear_wait_seconds",  # window due → decode begun
    "hotline_ear_final_seconds",  # segment closed → final text
    "hotline_ear_restarts_total",  # engine children restarted, by reason
    "hotline_stage_seconds",  # one event through a stage, by stage
    "hotline_dead_letters_total",  # by stage and reason
    "hotline_desk_sockets",  # open sockets
    "hotline_desk_push_seconds",  # event time → frame handed to the socket, by kind
    "hotline_desk_slow_closes_total",  # sockets closed because full
    "hotline_commands_total",  # by command type and status
    "hotline_lanes_held",  # lanes this process works on, by group and topic; over all its processes: every one
    "hotline_parts_down",  # parts that failed and are being brought back, by group
    "hotline_silent_seconds",  # since this process' loop last turned
    "hotline_disk_free_bytes",  # where this process keeps its files
]
