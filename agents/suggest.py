"""Suggestions, hop 5 of a call: what the agent could say now, quoted from the city's articles. Often none."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from agents.city import City
from agents.offers import key_of
from agents.ports import History, NoHistory
from agents.scripts import script
from agents.stage import Poison
from agents.steps import guided
from agents.worded import Worded
from routing.passages import Passage
from schemas import Event
from schemas.catalogue import ScriptMoment
from schemas.draft import Citation, DraftUpdated, Evidence, Matter, Risk, Suggestion, SuggestionsOffered
from schemas.ids import output_id
from schemas.topics import DRAFTS, SUGGESTIONS

VERSION = "suggest/2.0 search"
MOST = 3  # suggestions at once
ASKED, TOLD = 0.5, 0.8  # score an answer needs when the caller asked, and when he only told
CLEAR = 0.3  # confidence of the category from which the matter counts as clear
SECOND = 0.85  # share of the best answer's score from which a second is worth showing
DISTRESS = frozenset(("anxious", "upset", "angry", "sad"))  # feelings that want a kind word first
KEPT = 512  # calls remembered at once
_QUESTION = re.compile(r"问|咨询|怎么|什么|哪|多少|几[天点个号]|吗|能不能|可不可以|可以|要不要|是不是|有没有|呢|合法")
_UPSET = re.compile(r"受不了|气死|太过分|急死|着急|凭什么|到底|忍无可忍|没人管|跑了[好几三四]|怎么办啊|欺负")
_PARTING = re.compile(r"谢谢|没有了|没了|再见|拜拜|就这(?:些|样)|麻烦(?:你|您)了|好的好的")


class _Offered(msgspec.Struct, frozen=True):
    event: str  # id of the draft that was answered last
    revision: int
    key: str  # of what is on offer
    output: tuple[Event, ...]


class Suggest:
    """Answers each draft with what is worth saying, and only when that differs from what is on offer.

    An id stays the same as long as the same words of the same source answer the same matter, so a suggestion once
    rejected does not come back under another name.
    """

    name = "suggest"
    reads = DRAFTS
    writes = SUGGESTIONS

    def __init__(self, city: City, history: History | None = None) -> None:
        self._city = city
        self._history = history or NoHistory()
        self._system = " ".join((VERSION, *city.library.helped))
        self._worded = Worded(city.writer) if city.writer is not None else None
        self._last: OrderedDict[str, _Offered] = OrderedDict()
        self._found: dict[
            str, tuple[tuple[str, str, str, tuple[str, ...]], list[Passage]]
        ] = {}  # call → what was asked, what was found

    async def __call__(self, event: Event) -> Sequence[Event]:
        draft = event.body
        if not isinstance(draft, DraftUpdated):
            raise Poison(f"event {event.id} is no draft but {type(draft).__name__}")
        last = self._last.get(event.call)
        if last is not None and event.id == last.event:
            return last.output
        if last is not None and draft.revision <= last.revision:
            return ()
        offered = self._offer(event, draft)
        if self._worded is not None:
            offered = (await self._worded.beside(event.call, draft, offered))[:MOST]
        key = key_of(offered)
        output: tuple[Event, ...] = ()
        if key != (last.key if last else await self._history.offered(event.call, draft.revision)):
            output = (self._event(event, draft, offered),)
        self._last[event.call] = _Offered(event.id, draft.revision, key, output)
        self._last.move_to_end(event.call)
        while len(self._last) > KEPT:
            self.forget(next(iter(self._last)))
        return output

    def forget(self, call: str) -> None:
        """Drops what is remembered of a call."""
        self._last.pop(call, None)
        self._found.pop(call, None)
        if self._worded is not None:
            self._worded.forget(call)

    def _offer(self, event: Event, draft: DraftUpdated) -> tuple[Suggestion, ...]:
        if not draft.assist or draft.ended:
            return ()
        open_matters = [m for m in draft.matters if not m.closed]
        if not open_matters:
            return ()
        matter = next((m for m in reversed(open_matters) if m.utterances), open_matters[-1])
        dangers = [r for r in draft.risks if r.urgency == "critical" and r.advice]
        found: list[Suggestion] = [self._advice(event, matter, r) for r in dangers[:1]]
        if matter.dispatch.step == "not_accepted" and matter.dispatch.channel:
            found.append(self._channel(event, matter))
        elif not dangers:
            found += self._answers(event, draft, matter)
        if matter.question and "content" in matter.fields:  # before that the agent needs no prompting
            found.append(self._question(event, draft, matter))
        found += self._moment(event, draft, matter, bool(dangers))
        return tuple(found[:MOST])

    def _answers(self, event: Event, draft: DraftUpdated, matter: Matter) -> list[Suggestion]:
        category = matter.fields.get("category")
        content = matter.fields.get("content")
        if category is None or content is None or category.confidence < CLEAR:
            return []
        asked, basis = _asked(draft, matter)
        beliefs = {category.value: category.confidence, **{c.value: c.score for c in category.choices}}
        day = event.at.astimezone(self._city.index.zone).date()
        floor = ASKED if asked else TOLD
        query = asked or (matter.fields["demand"].value if "demand" in matter.fields else "")
        places = tuple(sorted(self._places(matter)))
        told = _told(matter) or content.value
        wanted = (query or told[-120:], told[:400], category.value, places)
        if event.call not in self._found or self._found[event.call][0] != wanted:
            self._found[event.call] = wanted, self._city.library.answers(*wanted[:2], beliefs, day, places=places)
        passages = [p for p in self._found[event.call][1] if p.score >= floor]
        best = passages[0].score if passages else 0.0
        return [
            guided(self._answer(event, matter, p, basis, category.evidence), p.article, query)
            for p in passages
            if p.score >= SECOND * best
        ]

    def _places(self, matter: Matter) -> set[str]:
        """Codes of the places the matter lies in, from the district down."""
        named = (matter.fields[f].value for f in ("district", "street", "community") if f in matter.fields)
        return {place.code for code in named for place in self._city.index.place_path(code)}

    def _answer(self, event: Event, matter: Matter, p: Passage, basis: str, words: tuple[Evidence, ...]) -> Suggestion:
        article = p.article
        return Suggestion(
            id=_id(event, matter, f"answer/{article.id}/{article.version}/{p.start}-{p.end}"),
            kind="answer",
            text=p.quote,
            score=p.score,
            citation=Citation(
                article=article.id,
                version=article.version,
                title=article.title,
                source=article.source,
                start=p.start,
                end=p.end,
                quote=p.quote,
            ),
            verified=article.body[p.start : p.end] == p.quote,
            matter=matter.id,
            system=self._system,
            basis=basis,
            trigger=words[:3],
        )

    def _advice(self, event: Event, matter: Matter, risk: Risk) -> Suggestion:
        return self._said(event, matter, risk.rule, f"应急处置：{risk.label}", risk.advice, 1.0, risk.evidence)

    def _channel(self, event: Event, matter: Matter) -> Suggestion:
        told = matter.dispatch
        return self._said(event, matter, "channel", told.reason[:40], told.channel, 0.95, ())

    def _question(self, event: Event, draft: DraftUpdated, matter: Matter) -> Suggestion:
        return Suggestion(
            id=_id(event, matter, f"question/{matter.question}"),
            kind="question",
            text=matter.question,
            score=0.8 if matter.missing else 0.6,
            matter=matter.id,
            system=VERSION,
            basis=draft.recent[-1].utterance if draft.recent else "",
        )

    def _moment(self, event: Event, draft: DraftUpdated, matter: Matter, danger: bool) -> list[Suggestion]:
        """The script the moment asks for, one at most."""
        caller = [e for e in draft.recent if e.leg != "agent"]
        moment: ScriptMoment
        if not draft.recent and not matter.utterances:
            moment = "opening"
        elif danger:
            moment = "emergency"
        elif caller and _PARTING.search(caller[-1].text) and matter.complete and len(caller[-1].text) <= 16:
            moment = "closing"
        elif caller and (_UPSET.search(caller[-1].text) or _felt(draft, caller[-1])):
            moment = "empathy"
        elif matter.complete and not matter.question and matter.fields["handling_mode"].value == "forward":
            moment = "confirm"
        else:
            return []
        content = matter.fields.get("content")
        about = (content.value if content else "") + " ".join(e.text for e in caller[-1:])
        chosen = script(self._city.index, moment, about, self._known(matter, draft))
        if chosen is None:
            return []
        return [self._said(event, matter, chosen[0].id, "坐席话术", chosen[1], 0.5, tuple(caller[-1:]))]

    def _known(self, matter: Matter, draft: DraftUpdated) -> dict[str, str]:
        fields = {name: value.label for name, value in matter.fields.items() if value.label}
        return {
            "place": fields.get("incident_place", ""),
            "time": fields.get("event_time", "").split("（")[0],
            "matter": fields.get("title", ""),
            "want": fields.get("demand", ""),
            "phone": fields.get("contact_phone", ""),
            "amount": fields.get("amount", ""),
            "line": next((r.line for r in draft.risks if r.line), ""),
        }

    def _said(
        self,
        event: Event,
        matter: Matter,
        source: str,
        title: str,
        text: str,
        score: float,
        words: tuple[Evidence, ...],
    ) -> Suggestion:
        """Words of the pack itself: a script, an emergency rule's advice, a refusal's channel."""
        manifest = self._city.index.pack.manifest
        return Suggestion(
            id=_id(event, matter, f"script/{source}/{text}"),
            kind="script",
            text=text,
            score=score,
            citation=Citation(
                article=source,
                version=1,
                title=title,
                source=f"{manifest.title}城市包{manifest.version}",
                start=0,
                end=len(text),
                quote=text,
            ),
            verified=True,
            matter=matter.id,
            system=VERSION,
            basis=words[0].utterance if words else "",
            trigger=words[:3],
        )

    def _event(self, event: Event, draft: DraftUpdated, offered: tuple[Suggestion, ...]) -> Event:
        return Event(
            id=output_id(event.id, self.name),
            tenant=event.tenant,
            call=event.call,
            cause=event.id,
            at=event.at,
            body=SuggestionsOffered(seq=draft.revision, suggestions=offered),
        )


def _asked(draft: DraftUpdated, matter: Matter) -> tuple[str, str]:
    """The caller's newest question on this matter and the utterance it stands in; "" when he asked nothing."""
    for said in reversed(draft.recent):
        if said.leg != "agent" and said.utterance in matter.utterances and _QUESTION.search(said.text):
            return said.text, said.utterance
    demand = matter.fields.get("demand")
    if "kind" in matter.fields and matter.fields["kind"].value == "consult" and demand is not None:
        return demand.value, demand.evidence[0].utterance if demand.evidence else ""
    return "", ""


def _told(matter: Matter) -> str:
    """What happened, in the caller's sense: the content says place and manners besides."""
    return "；".join(matter.fields[f].value for f in ("cause", "course", "demand") if f in matter.fields)


def _felt(draft: DraftUpdated, said: Evidence) -> bool:
    """The caller's distress shows in these very words."""
    mood = draft.feeling
    return mood is not None and mood.now in DISTRESS and any(peak.utterance == said.utterance for peak in mood.peaks)


def _id(event: Event, matter: Matter, what: str) -> str:
    return output_id(f"{event.call}/{matter.id}", f"suggestion/{what}")
