"""`make up TARGET=compose` as a person meets it: the day that was asked for, an account, a queue, a decision signed."""

from __future__ import annotations

import faulthandler
import re
from datetime import date
from html import unescape

import httpx
import pytest

from deploy.containers.__main__ import up
from deploy.containers.composed import Composed
from deploy.local.folder import RunFolder
from deploy.local.trying import REGION
from tests.live.house import until

DAY = date(2025, 10, 9)
INSPECTOR = f"{REGION}-inspector-1"
ARRIVE = 180.0  # seconds until the first citizen of the region comes to the queue
_PRINTED = re.compile(r"^  +(?P<name>\S.*?)  +(?P<value>\S+)", re.MULTILINE)
_FORM = re.compile(r'<form method="post" action="(?P<action>[^"]*)".*?</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="(?P<name>[^"]+)" value="(?P<value>[^"]*)">')


async def sent(http: httpx.AsyncClient, page: httpx.Response, action: str, **fields: str) -> httpx.Response:
    """The page's form with that ending of its action, its hidden fields as they stand."""
    for form in _FORM.finditer(page.text):
        target = unescape(form["action"])
        if target.partition("?")[0].endswith(action):
            hidden = {each["name"]: unescape(each["value"]) for each in _HIDDEN.finditer(form[0])}
            origin = f"{page.url.scheme}://{page.url.netloc.decode()}"
            return await http.post(page.url.join(target), data={**hidden, **fields}, headers={"origin": origin})
    raise AssertionError(f"no form {action} on {page.url}: {page.status_code}")


async def test_an_officer_signs_in_and_decides(capsys: pytest.CaptureFixture[str]) -> None:
    faulthandler.cancel_dump_traceback_later()
    folder = RunFolder(RunFolder().home / "containers-console")
    try:
        await up(folder, DAY)
        told = capsys.readouterr().out
        printed = {each["name"]: each["value"] for each in _PRINTED.finditer(told)}
        assert f"Business day {DAY:%d.%m.%Y}" in told
        console = printed["officers' console"]
        async with httpx.AsyncClient(trust_env=False, timeout=30.0, follow_redirects=True) as http:
            asked = await http.get(f"{console}/sign-in")
            asked = await sent(http, asked, "/authorize", account=INSPECTOR, password=printed[INSPECTOR])
            queue = await sent(http, asked, "/authorize/key")
            assert (queue.status_code, str(queue.url)) == (200, console), queue.text

            async def somebody_waits() -> bool:
                return "/console/cases/" in (await http.get(f"{console}?whose=unassigned")).text

            assert await until(somebody_waits, ARRIVE, every=1.0)
            case = await sent(http, queue, "/next")
            code = re.search(r'id="code-hint">[^<]*?(?P<code>[0-9][\w./-]*)<', case.text)
            assert code is not None, case.text
            shown = await sent(http, case, "/preview", decision="APPROVE", documentation_code=code["code"])
            signed = await sent(http, shown, "/decision")
            assert signed.url.path.endswith("/signed"), signed.text
    finally:
        await Composed(folder).project.compose("down", "-v", "--remove-orphans", "-t", "5")
