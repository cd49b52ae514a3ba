//! The insurer's payment page: `{base}/pay/{order}`, or elsewhere where the base address asks for a certificate.
//!
//! A person opens it in a browser and chooses; a test or a rehearsal posts `action=pay` or
//! `action=cancel` to the same address. A browser is sent on to where the gateway wanted it, if the
//! insurer was told; everybody else gets a page. Doing the same thing twice is harmless, and what was paid
//! or cancelled stays so. The page's `meta` tells a rehearsal that no real money is asked for.

use std::{collections::HashMap, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Bytes, Data, Path, ServiceConfig},
};

use crate::{
    company::Company,
    exchange::{Reply, respond},
    sale::{
        Order,
        book::{Act, Done},
        order::State,
    },
};

pub(crate) fn configure(company: Arc<Company>, config: &mut ServiceConfig) {
    config
        .app_data(Data::from(company))
        .route("/pay/{order}", web::get().to(show))
        .route("/pay/{order}", web::post().to(act));
}

// === impl Company ===

impl Company {
    /// The address of a bill's page.
    pub(crate) fn payment_page(&self, order: &str) -> String {
        format!("{}pay/{order}", self.pages_url)
    }
}

async fn show(order: Path<String>, company: Data<Company>) -> HttpResponse {
    let Some(order) = company.book.order(&order) else { return unknown(&company) };
    respond(match order.state {
        State::Open => page(&company, &order, 200, "Оплата полиса ОСАГО", true),
        State::Paid { .. } => page(&company, &order, 200, "Полис оплачен", false),
        State::Cancelled => page(&company, &order, 200, "Оплата отменена", false),
    })
}

async fn act(request: HttpRequest, order: Path<String>, body: Bytes, company: Data<Company>) -> HttpResponse {
    let query = url::form_urlencoded::parse(request.query_string().as_bytes());
    let sent: HashMap<_, _> = query.chain(url::form_urlencoded::parse(&body)).collect();
    let act = match sent.get("action").map(AsRef::as_ref) {
        Some("pay") => Act::Pay,
        Some("cancel") => Act::Cancel,
        _ => return respond(text(&company, 400, "Укажите action=pay или action=cancel")),
    };
    let key = order.into_inner();
    let Some((order, done)) = company.book.settle(&key, act) else { return unknown(&company) };
    if (act, done) == (Act::Pay, Done::Now) {
        company.clone().into_inner().tell_of_payment(key, &order);
    }
    if done != Done::Refused
        && let Some(response) = send_back(&request, &order, act)
    {
        return response;
    }
    let (status, words) = match (act, done) {
        (Act::Pay, Done::Now) => (200, "Оплата прошла успешно"),
        (Act::Pay, Done::Before) => (200, "Полис уже оплачен, повторно платить не нужно"),
        (Act::Pay, Done::Refused) => {
            (409, "Оплата отменена, оплатить этот счёт нельзя. Запросите новую ссылку")
        }
        (Act::Cancel, Done::Now) => (200, "Оплата отменена"),
        (Act::Cancel, Done::Before) => (200, "Оплата уже отменена"),
        (Act::Cancel, Done::Refused) => (409, "Полис уже оплачен, отменить оплату нельзя"),
    };
    respond(page(&company, &order, status, words, false))
}

/// Where a browser goes after the act, if the insurer was told.
fn send_back(request: &HttpRequest, order: &Order, act: Act) -> Option<HttpResponse> {
    let accept = request.headers().get(header::ACCEPT)?.to_str().ok()?;
    let urls = order.return_urls.as_ref()?;
    let url = match act {
        Act::Pay => &urls.success,
        Act::Cancel => &urls.failure,
    };
    let url = url::Url::parse(url).ok().filter(|url| ["http", "https"].contains(&url.scheme()))?;
    let browser = accept.contains("text/html");
    browser.then(|| HttpResponse::SeeOther().insert_header((header::LOCATION, url.as_str())).finish())
}

fn unknown(company: &Company) -> HttpResponse {
    respond(text(company, 404, "Счёт не найден"))
}

fn page(company: &Company, order: &Order, status: u16, words: &str, open: bool) -> Reply {
    let buttons = "<form method=\"post\"><button name=\"action\" value=\"pay\">Оплатить</button>\
         <button name=\"action\" value=\"cancel\" class=\"quiet\">Отменить</button></form>";
    let amount = roubles(&order.amount.to_string());
    let inner = format!("<p class=\"amount\">{amount}</p>{}", if open { buttons } else { "" });
    document(company, status, words, &inner)
}

fn text(company: &Company, status: u16, words: &str) -> Reply {
    document(company, status, words, "")
}

fn document(company: &Company, status: u16, words: &str, inner: &str) -> Reply {
    let name = company.name();
    let name = quick_xml::escape::escape(&name);
    Reply::html(
        status,
        format!(
            "<!doctype html>\n<html lang=\"ru\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <meta name=\"veer-simulated-payment\" content=\"1\"><title>{name}: {words}</title>\
             <style>{STYLE}</style></head>\n<body><main><h1>{name}</h1><p>{words}</p>{inner}\
             <small>Учебная страница: деньги не списываются.</small></main></body></html>\n"
        ),
    )
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;background:#f2f3f5;margin:0}\
    main{max-width:24rem;margin:10vh auto;padding:2rem;background:#fff;border-radius:12px}\
    h1{font-size:1.2rem;margin:0}.amount{font-size:2rem;margin:.5rem 0 1.5rem}\
    button{font:inherit;padding:.6rem 1.4rem;margin:0 .6rem 1.5rem 0;border:0;border-radius:8px;\
    background:#1a73e8;color:#fff}.quiet{background:#e4e6eb;color:#222}small{color:#777}";

/// `10603.45` as people read it: `10 603,45 ₽`.
fn roubles(amount: &str) -> String {
    let (whole, kopecks) = amount.split_once('.').unwrap_or((amount, "00"));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push('\u{a0}');
        }
        grouped.push(digit);
    }
    format!("{grouped},{kopecks}\u{a0}₽")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_for_people() {
        assert_eq!(roubles("1480.00"), "1\u{a0}480,00\u{a0}₽");
        assert_eq!(roubles("123456.70"), "123\u{a0}456,70\u{a0}₽");
        assert_eq!(roubles("990.05"), "990,05\u{a0}₽");
    }
}
