"""A browser with a person at it, and applications that want to connect, all over bare HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import subprocess
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from server import Server, binary, clean_environment, free_port
from wire import Response

PASSWORD = "correct horse battery"
CALLBACK = "https://claude.ai/api/mcp/auth_callback"
OPERATOR = "the-operators-key-0123456789"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


# Servers and people


def with_oauth(home: Path, *flags: str, **options: Any) -> Server:
    """The product with OAuth, reached under the address that it listens on, and with a person who can sign in."""
    port = free_port()
    # The key is the operator's, who looks at metrics; it works beside OAuth.
    oauth = ("--oauth", "--public-url", f"http://127.0.0.1:{port}/mcp", "--api-key", OPERATOR)
    server = Server.product(home, *oauth, *flags, **options)
    server.port = port
    add_user(server)
    return server


def manage(server: Server, *command: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """A command of the product on the server's data, with something on its standard input."""
    return subprocess.run(
        [binary("HOLDFAST_BIN", "holdfast"), *command, "--data-dir", str(server.data)],
        input=text, capture_output=True, text=True, timeout=30, env=clean_environment(), start_new_session=True,
    )  # fmt: skip


def add_user(server: Server, name: str = "ada", password: str = PASSWORD) -> None:
    done = manage(server, "users", "create", name, text=password + "\n")
    assert done.returncode == 0, done


# A browser


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)


class PageReader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        values = {name: value or "" for name, value in attributes}
        assert not any(name.startswith("on") for name in values), f"a script in an attribute: {values}"
        if tag == "form":
            assert values["method"] == "post"
            self.forms.append(Form(values["action"]))
        elif tag == "input":
            self.forms[-1].fields[values["name"]] = values.get("value", "")
        elif tag == "button" and "name" in values:
            self.forms[-1].buttons[values["name"]] = values.get("value", "")

    def handle_data(self, data: str) -> None:
        if self.lasttag != "style":
            self.text += data + " "


@dataclass
class Page:
    response: Response

    def __post_init__(self) -> None:
        self.reader = PageReader(self.response.body.decode())

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def text(self) -> str:
        return " ".join(self.reader.text.split())

    @property
    def location(self) -> str:
        assert self.status in (302, 303), (self.status, self.text)
        return self.response.get("location") or ""

    def form(self, action: str) -> Form:
        found = [form for form in self.reader.forms if form.action == action]
        assert found, f"no form to {action}: {self.status} {self.text}"
        return found[0]


class Browser:
    """Keeps cookies, as a browser does."""

    def __init__(self, server: Server) -> None:
        self.server = server
        # What clients know the server by, whichever process answers.
        self.origin = f"http://{server.authority}"
        self.cookies: dict[str, str] = {}

    def request(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Page:
        sent = {"Accept": "text/html", **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        page = Page(self.server.fetch(path, method, sent, body))
        for line in page.response.head.all("set-cookie"):
            name, _, value = line.split(";")[0].partition("=")
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return page

    def get(self, url: str) -> Page:
        parts = urlsplit(url)
        return self.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""))

    def submit(self, form: Form, button: str | None = None, **fields: str) -> Page:
        values = {**form.fields, **fields}
        if button is not None:
            values[button] = form.buttons[button]
        return self.request("POST", form.action, urlencode(values).encode(), {**FORM, "Origin": self.origin})

    def sign_in(self, page: Page, name: str = "ada", password: str = PASSWORD) -> Page:
        """Fills in the form, and follows where it leads."""
        page = self.submit(page.form("/sign-in"), username=name, password=password)
        return self.get(page.location)

    def decide(self, url: str, button: str = "approve") -> dict[str, str]:
        """Signs in if asked, decides, and returns what the application is sent."""
        page = self.get(url)
        if any(form.action == "/sign-in" for form in page.reader.forms):
            page = self.sign_in(page)
        return answer_in(self.submit(page.form("/authorize"), button).location)


def answer_in(url: str) -> dict[str, str]:
    query = parse_qs(urlsplit(url).query, strict_parsing=True, keep_blank_values=True)
    assert all(len(values) == 1 for values in query.values()), query
    return {name: values[0] for name, values in query.items()}


# An application


def no_nulls(value: Any) -> None:
    assert value is not None
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        no_nulls(part)


def read_json(response: Response) -> dict[str, Any]:
    assert response.head.media_type == "application/json", (response.status, response.head.headers)
    assert response.get("cache-control") == "no-store"
    assert response.get("access-control-allow-origin") == "*"
    value = json.loads(response.body)
    no_nulls(value)
    return value


@dataclass
class App:
    """An OAuth client. `id` and `secret` come from a registration, or are known beforehand."""

    server: Server
    redirect: str = CALLBACK
    id: str = ""
    secret: str | None = None
    way: str = "none"

    def __post_init__(self) -> None:
        self.verifier = secrets.token_urlsafe(48)
        self.state = secrets.token_urlsafe(9)
        self.resource = self.server.url

    def register(self, **metadata: Any) -> App:
        body = {"redirect_uris": [self.redirect], "client_name": "An app", "token_endpoint_auth_method": self.way, **metadata}
        response = self.server.fetch(
            "/register", "POST", {"Content-Type": "application/json"}, json.dumps(body).encode()
        )
        answer = read_json(response)
        assert response.status == 201, answer
        self.id = answer["client_id"]
        self.secret = answer.get("client_secret")
        return self

    def url(self, **changes: str | None) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code", "client_id": self.id, "redirect_uri": self.redirect, "state": self.state,
            "code_challenge": challenge, "code_challenge_method": "S256", "resource": self.resource,
            "scope": "mcp:read mcp:call", **changes,
        }  # fmt: skip
        return "/authorize?" + urlencode({name: value for name, value in query.items() if value is not None})

    def post(self, path: str, **values: str | None) -> Response:
        sent = {name: value for name, value in values.items() if value is not None}
        headers = dict(FORM)
        if self.way == "client_secret_basic":
            pair = f"{self.id}:{self.secret}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        else:
            sent = {"client_id": self.id, **({"client_secret": self.secret} if self.secret else {}), **sent}
        return self.server.fetch(path, "POST", headers, urlencode(sent).encode())

    def redeem(self, code: str, **changes: str | None) -> Response:
        values = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect,
            "code_verifier": self.verifier, "resource": self.resource, **changes,
        }  # fmt: skip
        return self.post("/token", **values)

    def refresh(self, token: str, **changes: str | None) -> Response:
        return self.post("/token", grant_type="refresh_token", refresh_token=token, **changes)

    def revoke(self, token: str) -> Response:
        return self.post("/revoke", token=token)

    def connect(self, browser: Browser) -> dict[str, Any]:
        """The whole way, from the first request to tokens."""
        sent = browser.decide(self.url())
        assert sent["state"] == self.state
        assert sent["iss"] == f"http://{self.server.authority}"
        return granted(self.redeem(sent["code"]))


def granted(response: Response) -> dict[str, Any]:
    answer = read_json(response)
    assert response.status == 200, answer
    assert answer["token_type"] == "Bearer" and type(answer["expires_in"]) is int
    return answer


def refused(response: Response, status: int, code: str) -> dict[str, Any]:
    answer = read_json(response)
    assert (response.status, answer["error"]) == (status, code), answer
    assert (response.get("www-authenticate") is not None) == (status == 401)
    return answer
