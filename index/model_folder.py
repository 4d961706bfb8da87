"""Where an encoder's files lie, whether they are safe to load, and the fingerprint of what they say.

Nothing here imports torch, so that a status report stays quick.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from index.embedding import FORMAT
from index.errors import EncoderUnavailable
from index.prompts import Prompts

BUNDLED = "bundled"
_BUNDLED_FOLDER = Path(__file__).parent / "pack" / "encoder"

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?")
_HUB_FILES = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja")
_UNSAFE_WEIGHTS = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
_SHAPING_FILES = (".safetensors", ".json", ".txt", ".model", ".jinja")
_NOT_SHAPING = ("config_sentence_transformers.json",)  # of it only the prompts count, and those are hashed as used


def locate(name: str, *, cache_folder: Path | None = None, download: bool = True) -> Path:
    """The folder that holds the model ``name``: ``bundled``, a folder, or a model name on the hub.

    A model found in the local cache is used as it is; the network is asked only for a model name that is not there.
    Raises EncoderUnavailable.
    """
    if name == BUNDLED:
        return _checked(_BUNDLED_FOLDER)
    folder = Path(name).expanduser()
    if name and folder.is_dir():
        return _checked(folder.resolve())
    if name.startswith((".", "/", "~")) or not _HUB_NAME.fullmatch(name):
        raise EncoderUnavailable(f"There is no folder {name!r}.", field="encoder")
    return _from_hub(name if "/" in name else f"sentence-transformers/{name}", cache_folder, download)


def fingerprint_of(name: str, folder: Path, prompts: Prompts) -> str:
    """A readable name and 16 hexadecimal digits over all that shapes vectors and how they are kept."""
    digest = hashlib.sha256()
    for path in _shaping_files(folder):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    digest.update(json.dumps([prompts.question, prompts.passage, FORMAT]).encode())
    readable = name if name == BUNDLED else Path(name).name
    return f"{readable}-{digest.hexdigest()[:16]}"


def _from_hub(name: str, cache_folder: Path | None, download: bool) -> Path:
    try:
        return _checked(_snapshot(name, cache_folder, local=True))
    except EncoderUnavailable:
        if not download:
            raise
    return _checked(_snapshot(name, cache_folder, local=False))


def _snapshot(name: str, cache_folder: Path | None, *, local: bool) -> Path:
    from huggingface_hub import snapshot_download

    try:
        found = snapshot_download(name, cache_dir=cache_folder, allow_patterns=list(_HUB_FILES), local_files_only=local)
    except Exception as failed:  # the client raises a dozen kinds from three libraries; all mean the same here
        what = "has not been downloaded yet" if local else "could not be downloaded"
        raise EncoderUnavailable(f"The model {name} {what}.", field="encoder") from failed
    return Path(found)


def _checked(folder: Path) -> Path:
    """Refuse what is incomplete, or what could run code while it loads."""
    for part in [folder, *_module_folders(folder)]:
        _refuse_unsafe_weights(part)
    if not any(path.suffix == ".safetensors" for path in _shaping_files(folder)):
        raise EncoderUnavailable(f"{folder} holds no weights in safetensors format.", field="encoder")
    for module in _modules(folder):
        kind = str(module.get("type", ""))
        if not kind.startswith("sentence_transformers."):
            raise EncoderUnavailable(
                f"{folder} asks for the class {kind!r}, which is code of its own; models that bring code are refused.",
                field="encoder",
            )
    return folder


def _refuse_unsafe_weights(folder: Path) -> None:
    try:
        suffixes = {path.suffix for path in folder.iterdir()}
    except OSError as missing:
        raise EncoderUnavailable(f"{folder} cannot be read.", field="encoder") from missing
    unsafe = suffixes.intersection(_UNSAFE_WEIGHTS)
    if unsafe and ".safetensors" not in suffixes:
        raise EncoderUnavailable(
            f"{folder} holds its weights only as {', '.join(sorted(unsafe))}, a format that can run code; "
            "save the model again as safetensors.",
            field="encoder",
        )


def _shaping_files(folder: Path) -> list[Path]:
    """The files that decide what the vectors are, in a stable order."""
    parts = [folder, *_module_folders(folder)]
    found = {
        path
        for part in parts
        for path in part.iterdir()
        if path.suffix in _SHAPING_FILES and path.name not in _NOT_SHAPING and path.is_file()
    }
    return sorted(found)


def _module_folders(folder: Path) -> list[Path]:
    """The folders of the pooling and other modules; one named outside the model's folder is refused."""
    named = [folder / str(module.get("path", "")) for module in _modules(folder)]
    for part in named:
        if not part.resolve().is_relative_to(folder.resolve()):
            raise EncoderUnavailable(f"{folder} names a module outside itself: {part}.", field="encoder")
    return [part for part in named if part != folder and part.is_dir()]


def _modules(folder: Path) -> list[dict[str, Any]]:
    path = folder / "modules.json"
    if not path.is_file():
        return []
    try:
        modules = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as damaged:
        raise EncoderUnavailable(f"{path} is damaged.", field="encoder") from damaged
    if not isinstance(modules, list) or not all(isinstance(module, dict) for module in modules):
        raise EncoderUnavailable(f"{path} is not a list of modules.", field="encoder")
    return modules
