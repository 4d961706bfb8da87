"""How front ends read an OpenAI-compatible stream, replayed rule by rule from what they do."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.service.streams import Event

Json = dict[str, Any]


def data_lines(events: list[Event]) -> list[Json]:
    """What every one of them does first: JSON of each `data` line, up to the end mark."""
    return [event.json for event in events if event.data != "[DONE]"]


@dataclass
class LobeChat:
    """LobeChat: text and grounding, as its transformer of OpenAI streams makes them."""

    text: str = ""
    citations: list[list[Json]] = field(default_factory=list)  # each grounding replaces what is shown
    stopped: bool = False
    usage: Json | None = None
    reasoning: bool = False

    def read(self, chunk: Json) -> None:
        if not isinstance(chunk.get("choices"), list) or not chunk["choices"]:
            if chunk.get("usage"):
                self.usage = chunk["usage"]
            return
        item = chunk["choices"][0]
        delta = item.get("delta") or {}
        if item.get("finish_reason"):
            self._finish(chunk, delta)
            return
        content = delta.get("content")
        if not isinstance(content, str):
            return
        assert "<think>" not in content
        if not self.citations:
            listed = chunk.get("citations") or chunk.get("search_results") or chunk.get("web_search")
            if listed:
                items = [{"title": each, "url": each} if isinstance(each, str) else each for each in listed]
                self.citations.append([each for each in items if each.get("url")])
        assert not re.search(r"!\[[^\]]*\]\(\s*data:image", content), "would be taken out as a picture"
        self.text += content

    def _finish(self, chunk: Json, delta: Json) -> None:
        if isinstance(delta.get("content"), str) and delta["content"]:
            self.text += delta["content"]  # and annotations beside it would not be looked at
        elif delta.get("annotations"):
            notes = [each.get("url_citation", {}) for each in delta["annotations"]]
            self.citations.append(
                [{"title": each.get("title"), "url": each["url"]} for each in notes if each.get("url")]
            )
        elif chunk.get("usage"):
            self.usage = chunk["usage"]
        else:
            self.stopped = True


@dataclass
class AiSdk:
    """Vercel's AI SDK: every chunk must fit its schema; text parts and source parts come out."""

    text: str = ""
    sources: list[Json] = field(default_factory=list)
    finish: str = "other"
    usage: Json | None = None
    errors: list[Json] = field(default_factory=list)

    def read(self, chunk: Json) -> None:
        if "error" in chunk:
            assert isinstance(chunk["error"]["message"], str)
            self.errors.append(chunk["error"])
            return
        assert isinstance(chunk["choices"], list)
        for name, kind in (("id", str), ("created", int), ("model", str)):
            assert chunk.get(name) is None or isinstance(chunk[name], kind)
        self.usage = chunk.get("usage") or self.usage
        for choice in chunk["choices"][:1]:
            assert isinstance(choice["index"], int)
            self.finish = choice.get("finish_reason") or self.finish
            delta = choice.get("delta") or {}
            assert delta.get("role") in (None, "assistant")
            assert delta.get("content") is None or isinstance(delta["content"], str)
            self.text += delta.get("content") or ""
            for note in delta.get("annotations") or []:
                assert note["type"] == "url_citation"
                url, title = note["url_citation"]["url"], note["url_citation"]["title"]
                assert isinstance(url, str)
                assert isinstance(title, str)
                self.sources.append({"sourceType": "url", "url": url, "title": title})


@dataclass
class OpenWebUI:
    """Open WebUI: what its server hands on, and how its page groups sources and turns [n] into chips."""

    text: str = ""
    sources: list[Json] = field(default_factory=list)
    finish: str | None = None

    def read(self, chunk: Json) -> None:
        if "event" in chunk and chunk["event"].get("type") in ("source", "citation"):
            assert "type" not in chunk["event"]["data"], "would not be kept with the chat"
            self.sources.append(chunk["event"]["data"])
        for choice in chunk.get("choices", [])[:1]:
            delta = choice.get("delta", {})
            for note in delta.get("annotations") or []:
                cited = note["url_citation"]
                source = {"name": cited.get("title", cited["url"]), "url": cited["url"]}
                metadata = {"source": cited["url"], "name": source["name"]}
                self.sources.append({"source": source, "document": [source["name"]], "metadata": [metadata]})
            self.text += delta.get("content") or ""
            self.finish = choice.get("finish_reason") or self.finish

    def groups(self) -> list[Json]:
        """The sources as the page counts them: by `metadata.source`, in order of arrival."""
        groups: dict[str, Json] = {}
        for each in self.sources:
            for place, words in enumerate(each["document"]):
                metadata = each["metadata"][place]
                key = metadata.get("source") or each["source"].get("id") or "N/A"
                source = {**each["source"], **({"name": metadata["name"]} if metadata.get("name") else {})}
                if key.startswith(("http://", "https://")):
                    source |= {"name": source["name"] if metadata.get("external") else key, "url": key}
                group = groups.setdefault(key, {"id": key, "source": source, "document": [], "distances": []})
                group["document"].append(words)
                group["distances"] += each.get("distances", [])[place : place + 1]
        return [group | {"label": unquote(group["source"]["name"])} for group in groups.values()]

    def chips(self) -> list[tuple[str, str]]:
        """(words before it, address it opens) of each [n] in the text."""
        groups = self.groups()
        made, before = [], 0
        for match in re.finditer(r"(\[(?:\d+(?:#[^,\]\s]+)?(?:,\s*\d+(?:#[^,\]\s]+)?)*)\])+", self.text):
            for number in re.findall(r"\d+", match[0]):
                made.append((self.text[before : match.start()].strip(), groups[int(number) - 1]["source"]["url"]))
            before = match.end()
        return made


def replayed(reader: Any, events: list[Event]) -> Any:
    for chunk in data_lines(events):
        reader.read(json.loads(json.dumps(chunk)))
    return reader
