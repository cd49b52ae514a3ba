//! `BuyPolicy`: the bill and its page. The payment is told of by a second reply to it.

use veer_contract::domain::{Kopecks, ReturnUrls};

use super::{BUY, Insurer, message::Message, processes::Over, reply::Said};
use crate::{
    Outcome,
    exchange::Exchange,
    sale::{Application, Order, SERIES},
};

impl Insurer {
    pub(super) fn buy(&self, message: &Message) -> (Exchange<'_>, Outcome, Said) {
        let process = self.process(message);
        let signed = process.as_ref().ok().filter(|process| process.signed);
        let key = signed.and_then(|process| process.application.clone()).unwrap_or_default();
        let found = self.company.book.application(&key);
        let exchange = Exchange::take(&self.company, &BUY, found.as_ref().map(|it| it.risk));
        if exchange.is_refused() {
            return (exchange, Outcome::Rejected, Said::default());
        }
        let billed = match (process, found) {
            (Err(Over), _) => Err(Said::session_over()),
            (Ok(_), None) => Err(Said::no("Полис не подписан")),
            (Ok(_), Some(application)) => self.bill(&exchange, message, &key, &application),
        };
        match billed {
            Ok(said) => (exchange, Outcome::Answered, said),
            Err(said) => (exchange, Outcome::Rejected, said),
        }
    }

    fn bill(
        &self,
        exchange: &Exchange<'_>,
        message: &Message,
        key: &str,
        application: &Application,
    ) -> Result<Said, Said> {
        let number = format!("{SERIES}{}", application.policy);
        let wrong = |field: &str| Said::wrong(&[format!("Неверное значение поля {field}")]);
        if message.text("policyNumber") != number {
            return Err(wrong("policyNumber"));
        }
        if message.text("amount") != application.price.premium.get().to_string() {
            return Err(wrong("amount"));
        }
        if exchange.link_fails() {
            return Err(Said::error("PAYMENT_GATE_ERROR", "Сервис оплаты временно не отвечает"));
        }
        let order = Order::new(key, application, Kopecks::ZERO, return_urls(message));
        let from = 1 + exchange.draws().below("order", 100_000_000);
        let order = self.company.book.bill(order, from, |number| format!("o-{number}"));
        let order = order.ok_or_else(|| Said::no("Полис уже оплачен"))?;
        self.promise(exchange, message, &order, &number);
        let page = self.company.payment_page(&order);
        Ok(Said::well(&[("orderId", &order), ("formUrl", &page)]))
    }
}

/// Both or none.
fn return_urls(message: &Message) -> Option<ReturnUrls> {
    let of = |name: &str| Some(message.text(name).to_owned()).filter(|url| !url.is_empty());
    Some(ReturnUrls { success: of("returnUrl")?, failure: of("failUrl")? })
}
