"""Hand-off as a part of a house: opens the way to the receiver while it runs, and closes it after."""

from __future__ import annotations

import asyncio

from pipeline.record.handoff import HandoffDelivery
from pipeline.record.webhook import Webhook
from pipeline.record.webhook_options import WebhookOptions
from pipeline.settings import Settings
from pipeline.store.sql_store import SqlStore


class HandoffPart:
    """Promises those of `HandoffDelivery`. An address or key that will not do is refused when it is made."""

    def __init__(self, options: WebhookOptions, store: SqlStore) -> None:
        self._options = options
        self._store = store
        options.check()

    async def run(self, stop: asyncio.Event) -> None:
        """Delivers until `stop`."""
        way = Webhook(self._options)
        try:
            await HandoffDelivery(self._store, way).run(stop)
        finally:
            await way.close()


def handoff_part(settings: Settings, store: SqlStore) -> HandoffPart | None:
    """The part, where the settings name a receiver. Raises ValueError naming the setting that will not do."""
    options = settings.handoff_options()
    return HandoffPart(options, store) if options is not None else None
