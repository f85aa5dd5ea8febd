"""The add-in's package: a valid manifest whatever the address, nothing that could send or leak."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from jsonschema.validators import validator_for
from PIL import Image
from typer.testing import CliRunner

from api.addin import FOLDER, FRAMED_BY, HEADERS, load_files
from api.addin_package import make_package
from api.cli import app
from core.errors import InvalidInput

SCHEMAS = Path(__file__).parent / "schemas"
URL, CLIENT = "https://voltaire.cabinet.example", "1b4e28ba-2fa1-4d2e-883f-0016d3cca427"
SCRIPTS = sorted((FOLDER / "scripts").glob("*.js"))
PAGES = sorted(FOLDER.glob("*.html"))


def unpack(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def list_faults(schema_name: str, document: Any) -> list[str]:
    schema = json.loads((SCHEMAS / schema_name).read_text())
    return [error.message for error in validator_for(schema)(schema).iter_errors(document)]


@pytest.mark.parametrize("client_id", [None, CLIENT])
@pytest.mark.parametrize("url", [URL, "https://voltaire.example:8443/"])
def test_the_manifest_follows_microsofts_schema(url: str, client_id: str | None) -> None:
    files = unpack(make_package(url, client_id))
    manifest = json.loads(files["manifest.json"])
    assert list_faults("manifest-1.29.schema.json", manifest) == []
    assert "{{" not in files["manifest.json"].decode()
    assert ("composeExtensions" in manifest) == ("webApplicationInfo" in manifest)
    assert ("webApplicationInfo" in manifest) == (client_id is not None)


def test_the_schema_refuses_a_manifest_without_a_name() -> None:
    manifest = json.loads(unpack(make_package(URL))["manifest.json"])
    del manifest["name"]
    assert list_faults("manifest-1.29.schema.json", manifest) != []


def test_every_page_and_icon_the_manifest_names_is_served() -> None:
    text = unpack(make_package(URL, CLIENT))["manifest.json"].decode()
    named = set(re.findall(rf"{re.escape(URL)}/addin/([^\"?]+)", text))
    assert "pane.html" in named
    assert named <= set(load_files())


def test_the_message_extension_matches_its_description_and_the_api() -> None:
    files = unpack(make_package(URL, CLIENT))
    manifest = json.loads(files["manifest.json"])
    (extension,) = manifest["composeExtensions"]
    (command,) = extension["commands"]
    described = json.loads(files[extension["apiSpecificationFile"]])
    ((path, operations),) = described["paths"].items()
    assert operations["get"]["operationId"] == command["id"]
    assert described["servers"][0]["url"].startswith(URL)
    assert path == "/portfolio/search"
    template = json.loads(files[command["apiResponseRenderingTemplateFile"]])
    assert list_faults("response-template-1.29.schema.json", template) == []
    answer = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    shown = set(re.findall(r"\$\{(\w+)\}", json.dumps(template)))
    assert shown <= set(answer["properties"][template["jsonPath"]]["items"]["properties"])


def test_the_badges_have_the_sizes_that_teams_requires() -> None:
    files = unpack(make_package(URL))
    sizes = {
        name: Image.open(io.BytesIO(files[f"{name}.png"])).size for name in ("color", "outline")
    }
    assert sizes == {"color": (192, 192), "outline": (32, 32)}


def test_the_same_address_gives_the_same_bytes_and_another_its_own_application() -> None:
    assert make_package(URL, CLIENT) == make_package(f"{URL}/", CLIENT)
    one, other = (json.loads(unpack(make_package(u))["manifest.json"])["id"]
                  for u in (URL, "https://autre.example"))  # fmt: skip
    assert one != other


@pytest.mark.parametrize("url", ["http://voltaire.example", "voltaire.example", "https://x/y", ""])
def test_an_address_office_would_refuse_is_refused_with_what_to_give(url: str) -> None:
    with pytest.raises(InvalidInput, match="https"):
        make_package(url)


def test_a_malformed_application_id_is_refused() -> None:
    with pytest.raises(InvalidInput, match="36 caractères"):
        make_package(URL, "mon-application")


def test_the_command_writes_the_package_and_says_what_it_lacks(tmp_path: Path) -> None:
    target = tmp_path / "paquet.zip"
    done = CliRunner().invoke(
        app, ["addin", "manifest", "--url", URL, "--output", str(target)], env={"COLUMNS": "200"}
    )
    assert done.exit_code == 0
    assert "Sans --client-id" in done.output
    assert "manifest.json" in unpack(target.read_bytes())


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_writes_markup_evaluates_text_or_sends_a_mail(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"
        r"|createContextualFragment|\.sendAsync|sendMail|javascript:"
    )
    assert re.findall(forbidden, text) == []
    assert re.findall(r"https?://", text) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_page_has_inline_code_or_loads_anything_foreign_but_office_js(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\"']+", text)) <= {
        "https://appsforoffice.microsoft.com/lib/1/hosted/office.js"
    }
    assert re.findall(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style", text) == []
    served = set(load_files())
    assert set(re.findall(r"(?:src|href)=\"([^:\"]+)\"", text)) <= served
    modules = {
        f"scripts/{name}" for name in imported(re.findall(r"scripts/(\w+\.js)\"></script>", text))
    }
    assert modules == set(re.findall(r"modulepreload\" href=\"([^\"]+)\"", text))


def imported(names: list[str]) -> set[str]:
    """The modules that these import, and theirs."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        text = (FOLDER / "scripts" / waiting.pop()).read_text(encoding="utf-8")
        new = set(re.findall(r"from \"\./(\w+\.js)\"", text)) - found
        found |= new
        waiting += new
    return found


def test_the_api_is_named_once_in_the_scripts() -> None:
    naming = [path.name for path in SCRIPTS if re.search(r"[\"'`]/api\b", path.read_text())]
    assert naming == ["api.js"]


def test_microsofts_libraries_are_those_that_were_reviewed() -> None:
    sums = (FOLDER / "vendor" / "SHA256SUMS").read_text().split()
    for digest, name in zip(sums[::2], sums[1::2], strict=True):
        assert hashlib.sha256((FOLDER / "vendor" / name).read_bytes()).hexdigest() == digest


def test_pages_run_our_scripts_and_offices_and_speak_to_us_alone() -> None:
    policy = {
        name: values
        for name, *values in (
            part.split() for part in HEADERS["content-security-policy"].split(";")
        )
    }
    assert policy["script-src"] == ["'self'", "https://appsforoffice.microsoft.com"]
    assert (policy["default-src"], policy["connect-src"]) == (["'none'"], ["'self'"])
    assert policy["frame-ancestors"] == FRAMED_BY.split()
    assert "x-frame-options" not in HEADERS
