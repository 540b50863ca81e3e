"""`hotline topics`: the topics of a house on Kafka."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from pipeline.cli.output import console, fail, print_json, settings

app = typer.Typer(help="The topics of a house on Kafka.", no_args_is_help=True)


@app.command("list")
def show(json: Annotated[bool, typer.Option("--json", help="Print one JSON object per topic.")] = False) -> None:
    """Prints the table of topics: what travels there, how long it is kept, who writes and who reads."""
    import msgspec

    from schemas.topics import TOPICS

    if json:
        for topic in TOPICS.values():
            print_json(msgspec.to_builtins(topic))
        return
    table = Table("topic", "key", "partitions", "kept", "written by", "read by", "what")
    for topic in TOPICS.values():
        kept = f"{topic.retention_h} h"
        rows = (", ".join(topic.producers), ", ".join(topic.consumers), topic.says)
        table.add_row(topic.name, topic.key, str(topic.partitions), kept, *rows)
    console.print(table)


@app.command()
def create() -> None:
    """Makes the topics that are missing, then verifies all. Safe to repeat; nothing else ever makes a topic."""
    from pipeline.log.kafka_topics import create_topics

    options = settings().kafka_options()
    for name in create_topics(options):
        console.print(f"made {name}", highlight=False)
    verify()


@app.command()
def verify() -> None:
    """Says what of the topics differs from the table; exit code 1 when anything does."""
    from pipeline.log.kafka_topics import verify_topics

    troubles = verify_topics(settings().kafka_options())
    for trouble in troubles:
        console.print(f"{trouble.topic} {trouble.what}", highlight=False)
    if troubles:
        fail(f"{len(troubles)} things differ from the table of topics")
    console.print("all topics are as they should be", highlight=False)


@app.command()
def asyncapi() -> None:
    """Prints the AsyncAPI document of this house's topics: every event, key, header and partition, with examples."""
    from schemas.asyncapi import generate

    chosen = settings()
    servers = [server.strip() for server in chosen.kafka.split(",") if server.strip()]
    print(generate(chosen.kafka_prefix, servers), end="")
