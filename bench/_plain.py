"""The baseline: a server as it is commonly written, with ``glob`` and one JSON file.

Each request looks over the whole library; predictions are read from disk each time.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()
root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()


class SortRequest(BaseModel):
    """What is to go where."""

    filename: str
    folder: str


def counted() -> list[dict[str, Any]]:
    """Every folder with its count, by looking at each of its files."""
    return [
        {"name": path.name, "count": len(list(path.glob("*.mp4")))}
        for path in sorted(root.iterdir())
        if path.is_dir() and not path.name.startswith(".")
    ]


@app.get("/api/videos")
def videos() -> dict[str, Any]:
    """All unsorted videos with their predictions."""
    stored = json.loads((root / ".sorter" / "predictions.json").read_text())
    known = {entry["video"]: entry for entry in stored}
    answer = []
    for path in sorted(root.glob("*.mp4")):
        entry = known.get(path.name)
        answer.append(
            {
                "filename": path.name,
                "predicted_folder": entry["predicted_folder"] if entry else None,
                "confidence": entry["confidence"] if entry else 0.0,
                "top_predictions": entry["top_predictions"] if entry else [],
            }
        )
    return {"videos": answer, "total": len(answer)}


@app.get("/api/folders")
def folders() -> dict[str, Any]:
    """The folders."""
    return {"folders": counted()}


@app.post("/api/sort")
def sort(request: SortRequest) -> dict[str, Any]:
    """Move one video."""
    source, target = root / request.filename, root / request.folder / request.filename
    if not source.exists():
        raise HTTPException(404)
    if target.exists():
        raise HTTPException(409)
    shutil.move(source, target)
    return {
        "success": True,
        "filename": request.filename,
        "folder": request.folder,
        "folders": counted(),
    }


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[2]), log_level="error", access_log=False)
