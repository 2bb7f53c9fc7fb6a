"""Reads the open data as others do: the CSV with its schema (frictionless), the feed (feedparser). Prints what they found."""

import json
import sys

import feedparser
from frictionless import Resource, Schema, system

csv, schema, feed = sys.argv[1:]
with system.use_context(trusted=True):
    resource = Resource(path=csv, schema=Schema.from_descriptor(schema))
    report = resource.validate()
    rows = resource.read_rows() if report.valid else []
read = feedparser.parse(feed)
print(
    json.dumps(
        {
            "errors": [[error.type, error.message] for task in report.tasks for error in task.errors],
            "fields": [field.name for field in resource.schema.fields],
            "rows": [{key: str(value) for key, value in row.items()} for row in rows],
            "malformed": str(read.get("bozo_exception", "")),
            "version": read.version,
            "entries": [[entry.id, entry.title, entry.link, entry.updated] for entry in read.entries],
        }
    )
)
