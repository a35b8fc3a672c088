#!/usr/bin/env python3
"""Names what is public and has no documentation, from the symbol graphs in a directory. Nothing means all is well.

Cases without a value speak for themselves under their type's words, and so do initializers that only fill in properties.
"""

import json
import sys
from pathlib import Path
from typing import Any


def main(directory: str) -> int:
    symbols = [symbol for graph in sorted(Path(directory).glob("*.json")) for symbol in json.loads(graph.read_text())["symbols"]]
    names = {".".join(symbol["pathComponents"]) for symbol in symbols}
    bare = [symbol for symbol in symbols if "docComment" not in symbol and not _is_plain(symbol, names)]
    for symbol in bare:
        place = symbol.get("location", {})
        line = place.get("position", {}).get("line", -1) + 1
        print(f"{place.get('uri', '?')}:{line}: {'.'.join(symbol['pathComponents'])} has no documentation")
    return 1 if bare else 0


def _is_plain(symbol: dict[str, Any], names: set[str]) -> bool:
    kind, path = symbol["kind"]["identifier"], symbol["pathComponents"]
    if kind == "swift.enum.case":
        return "(" not in path[-1]
    if kind != "swift.init":
        return False
    parameters = symbol.get("functionSignature", {}).get("parameters", [])
    owner = ".".join(path[:-1])
    return all(f"{owner}.{parameter.get('internalName', parameter['name'])}" in names for parameter in parameters)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
