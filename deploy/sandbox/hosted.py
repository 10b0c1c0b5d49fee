"""The page on which the payment gateway takes the duty (S15): in Kazakh and Russian, with buttons and no script."""

from __future__ import annotations

import asyncio
from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from deploy.sandbox.faults import Faults
from deploy.sandbox.systems.gateway import Gateway, Invoice, Standing
from shared.clock import SystemClock

FORM = "application/x-www-form-urlencoded"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
STYLE = (
    "body{font:18px sans-serif;max-width:32em;margin:2em auto;padding:0 1em}button{font:inherit;padding:.5em 1em;"
    "margin:.3em .3em .3em 0}.said{border-left:.3em solid;padding:.5em 1em}"
)
ACTS = ("pay", "twice", "decline", "close")

TEXTS = {
    "kk": {
        "title": "Мемлекеттік бажды төлеу", "invoice": "Шот", "sum": "Төленетін сома", "other": "Русский",
        "OPEN": "Төлем күтілуде", "PAID": "Төленді", "CANCELLED": "Шот жойылды: енді түскен ақша қайтарылады",
        "pay": "Төлеу", "twice": "Екі рет төлеу", "decline": "Банк бас тартсын", "close": "Төлемей жабу",
        "receipts": "Түбіртектер", "said-pay": "Төлем қабылданды.", "said-twice": "Екі төлем қабылданды.",
        "said-decline": "Банк төлемді қабылдамады. Ақша алынған жоқ, қайта төлеуге болады.",
        "said-close": "Төлем жасалған жоқ. Бұл бетке кейін оралуға болады.",
        "missing": "Мұндай шот жоқ", "silent": "Төлем шлюзі уақытша жұмыс істемейді. Кейінірек қайталаңыз.",
    },
    "ru": {
        "title": "Оплата государственной пошлины", "invoice": "Счёт", "sum": "К оплате", "other": "Қазақша",
        "OPEN": "Ожидает оплаты", "PAID": "Оплачено", "CANCELLED": "Счёт отменён: поступившие деньги будут возвращены",
        "pay": "Оплатить", "twice": "Оплатить дважды", "decline": "Отказ банка", "close": "Закрыть, не платя",
        "receipts": "Квитанции", "said-pay": "Оплата принята.", "said-twice": "Приняты две оплаты.",
        "said-decline": "Банк отклонил платёж. Деньги не списаны, можно оплатить снова.",
        "said-close": "Оплаты не было. К этой странице можно вернуться позже.",
        "missing": "Такого счёта нет", "silent": "Платёжный шлюз временно не работает. Повторите позже.",
    },
}  # fmt: skip


async def hosted(gateway: Gateway, faults: Faults, clock: SystemClock, invoice_id: str, request: Request) -> Response:
    """GET shows the invoice; POST of a form acts and shows it again. `?lang=ru` for Russian, else Kazakh."""
    lang = "ru" if request.query_params.get("lang") == "ru" else "kk"
    weather = faults.weather("payment-gateway")
    await asyncio.sleep(weather.delay)
    if weather.fails:
        return HTMLResponse(_whole(lang, f"<p>{TEXTS[lang]['silent']}</p>"), 503, HEADERS)
    invoice = gateway.invoices.get(invoice_id)
    if invoice is None:
        return HTMLResponse(_whole(lang, f"<p>{TEXTS[lang]['missing']}</p>"), 404, HEADERS)
    if request.method == "GET":
        said = request.query_params.get("said", "")
        return HTMLResponse(_whole(lang, _shown(invoice, lang, said)), headers=HEADERS)
    form = parse_qs((await request.body()).decode(errors="replace"))
    act, key = form.get("act", [""])[0], form.get("key", [""])[0]
    if act not in ACTS:
        return HTMLResponse(_whole(lang, _shown(invoice, lang, "")), 422, HEADERS)
    for number in range({"pay": 1, "twice": 2}.get(act, 0)):
        gateway.pay(invoice.id, invoice.amount, clock.now(), f"page/{key}/{number}")
    return RedirectResponse(f"{request.url.path}?lang={lang}&said={act}", 303, HEADERS)


def _shown(invoice: Invoice, lang: str, said: str) -> str:
    """The key makes a form that is sent again, or clicked twice, one payment."""
    texts, paid = TEXTS[lang], invoice.status is not Standing.OPEN
    told = f"<p class=said role=status>{texts[f'said-{said}']}</p>" if said in ACTS else ""
    rows = "".join(
        f"<li>{escape(each.id)}: {each.amount} ₸, {each.paid_at:%d.%m.%Y %H:%M}</li>" for each in invoice.receipts
    )
    receipts = f"<h2>{texts['receipts']}</h2><ul>{rows}</ul>" if rows else ""
    buttons = "".join(
        f"<button name=act value={act}>{texts[act]}</button>" for act in (ACTS if not paid else ("pay", "close"))
    )
    other = {"kk": "ru", "ru": "kk"}[lang]
    return (
        f"{told}<p>{texts['invoice']} {escape(invoice.id)}</p>"
        f"<p>{texts['sum']}: <strong>{invoice.amount} ₸</strong></p><p>{texts[invoice.status.value]}</p>"
        f"<form method=post action='?lang={lang}'><input type=hidden name=key value={len(invoice.receipts)}>{buttons}"
        f"</form>{receipts}<p><a lang={other} hreflang={other} href='?lang={other}'>{texts['other']}</a></p>"
    )


def _whole(lang: str, content: str) -> str:
    title = TEXTS[lang]["title"]
    return (
        f"<!doctype html><html lang={lang}><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{title}</title><style>{STYLE}</style><main><h1>{title}</h1>{content}</main></html>"
    )
