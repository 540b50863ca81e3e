"""`hotline demo`: the embedded house over the demo city, fed by the sample calls through its own door."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from pipeline.demo.history import seed_history
from pipeline.demo.people import Account, settle
from pipeline.demo.samples import as_calls, callers_before, samples
from pipeline.play.player import play
from pipeline.play.source import PlayedCall
from pipeline.run.ear import open_engine
from pipeline.run.embedded import Embedded
from pipeline.run.wiring import build
from pipeline.settings import Settings
from pipeline.store.sql_store import SqlStore
from schemas.commands import Actor
from schemas.desk import CallView
from schemas.ids import call_id

SWITCH = "demo-switch"
HISTORY = 20_000  # made-up tickets of the year before
AT_ONCE = 3  # sample calls beside each other, in real time
LONGEST_WAIT_S = 600.0  # for the last drafts, after the last call has ended
LOOK_S = 0.5
WATCHER = Actor(user="demo", login="demo", name="demo", role="supervisor")

Say = Callable[[str], None]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one sample call."""

    sample: str
    call: str
    complete: bool
    missing: tuple[str, ...]  # what its drafts still lack, in Chinese
    titles: tuple[str, ...]


def demo_settings(settings: Settings, *, port: int | None, fast: bool) -> Settings:
    """The settings of a demo: a folder of its own, a switch with a token made now."""
    changes = {
        "home": settings.home / "demo",
        "switches": f"{SWITCH}={secrets.token_urlsafe(24)}",
        "door_port": 0,
        "port": settings.port if port is None else port,
    }
    if fast:
        changes["door_max_ahead_s"] = 0.0
    return Settings(**{**settings.model_dump(), **changes})


async def run_demo(settings: Settings, *, once: bool, fast: bool, say: Say, opened: Callable[[str], None]) -> int:
    """Runs until interrupted, or with `once` until every sample call has its drafts. Returns the exit code."""
    settings.home.mkdir(parents=True, exist_ok=True)
    house = build(settings, open_engine(settings) if settings.asr_enabled else None, demo=True)
    running = Embedded(house)
    try:
        accounts = await settle(house.store, settings.home)
        say("正在准备一年的演示历史工单（合成数据）…")
        shipped = samples()
        before = callers_before(shipped)
        await seed_history(house.store, house.city, datetime.now(UTC), seed=12345, n=HISTORY, familiar=before)
        await running.start()
        _tell(running.url, accounts, say)
        opened(running.url)
        calls = as_calls(shipped)
        token = house.settings.switch_tokens()[SWITCH]
        at_once = len(calls) if fast else AT_ONCE
        say(f"正在播放 {len(calls)} 通示例来电（人物、号码、地名均为虚构）…")
        played = await play(
            calls,
            running.door_url,
            token,
            at_once=at_once,
            pace="fast" if fast else "real",
            done=lambda outcome: say(f"  来电播放完毕：{outcome.call.path.stem} {outcome.error}".rstrip()),
        )
        if once:
            verdicts = await _drafts(house.store, calls)
            for verdict in verdicts:
                mark = "✓" if verdict.complete else "✗"
                lacks = f" 缺少：{'、'.join(verdict.missing)}" if verdict.missing else ""
                say(f"  {mark} {verdict.sample}：{'；'.join(verdict.titles) or '没有草稿'}{lacks}")
            return 0 if all(v.complete for v in verdicts) and not played.failed else 1
        say("示例来电已全部播放。按 Ctrl+C 结束。")
        await asyncio.Event().wait()
        return 0
    finally:
        await running.stop()


def _tell(url: str, accounts: list[Account], say: Say) -> None:
    names = {"agent": "坐席", "supervisor": "班长/督办", "analyst": "分析员", "admin": "管理员"}
    say(f"\n  控制台 {url}\n")
    for account in accounts:
        say(f"  {names[account.role]:　<6}{account.login:12} 密码 {account.password}")
    say("")


async def _drafts(store: SqlStore, calls: list[PlayedCall]) -> list[Verdict]:
    """Waits until every call is wholly heard and understood, then looks at its drafts."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LONGEST_WAIT_S
    waiting = {call_id("ws", call.source): call for call in calls}
    verdicts: dict[str, Verdict] = {}
    while waiting.keys() - verdicts.keys() and loop.time() < deadline:
        await asyncio.sleep(LOOK_S)
        for id_ in waiting.keys() - verdicts.keys():
            view = await store.call(WATCHER, id_)
            if view is not None and view.summary.state == "heard":
                verdicts[id_] = _judge(waiting[id_], view)
    for id_ in waiting.keys() - verdicts.keys():
        view = await store.call(WATCHER, id_)
        lacks = ("尚未听写完毕",) if view else ("没有进入系统",)
        verdicts[id_] = Verdict(sample=waiting[id_].path.stem, call=id_, complete=False, missing=lacks, titles=())
    return [verdicts[id_] for id_ in waiting]


def _judge(call: PlayedCall, view: CallView) -> Verdict:
    open_matters = [matter for matter in view.matters if not matter.matter.closed]
    titles = tuple(m.matter.fields["title"].label for m in open_matters if "title" in m.matter.fields)
    missing = tuple(dict.fromkeys(reason for m in open_matters for reason in (*m.matter.missing, *m.why_not)))
    complete = bool(open_matters) and all(m.matter.complete and m.may_confirm for m in open_matters)
    return Verdict(
        sample=call.path.stem,
        call=view.summary.id,
        complete=complete,
        missing=() if complete else missing,
        titles=titles,
    )
