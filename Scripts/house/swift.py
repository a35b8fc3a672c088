"""Just enough of Swift's grammar to tell code from comments and literals."""

import re

# The format allows no block comments.
TOKEN = re.compile(r'(?P<line>//[^\n]*)|(?P<hash>#*)(?P<quote>"""|")')


def blanked(text: str) -> str:
    """The same text with every comment and literal as spaces, line for line. Code inside \\( ) counts as literal."""
    result: list[str] = []
    at = 0
    while match := TOKEN.search(text, at):
        result.append(text[at : match.start()])
        if match["line"] is not None:
            end = match.end()
        else:
            end = _literal_end(text, match.end(), match["hash"], match["quote"])
        result.append(re.sub(r"[^\n]", " ", text[match.start() : end]))
        at = end
    result.append(text[at:])
    return "".join(result)


def _literal_end(text: str, at: int, hashes: str, quote: str) -> int:
    escape, closing = "\\" + hashes, quote + hashes
    while at < len(text):
        if text.startswith(closing, at):
            return at + len(closing)
        if text.startswith(escape + "(", at):
            at = _interpolation_end(text, at + len(escape) + 1)
        elif text.startswith(escape, at):
            at += len(escape) + 1
        elif quote == '"' and text[at] == "\n":
            return at
        else:
            at += 1
    return at


def _interpolation_end(text: str, at: int) -> int:
    depth = 1
    while at < len(text) and depth:
        match = re.compile(r'(#*)("""|")').match(text, at)
        if match:
            at = _literal_end(text, match.end(), match[1], match[2])
            continue
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return at
