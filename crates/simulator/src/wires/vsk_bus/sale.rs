//! `SavePolicy` and `SignPolicy`: the application, and the policy's number.
//!
//! Every `SavePolicy` makes a new application; the newest one of a process is signed. Signing what is signed gives the
//! same number again.

use std::time::Duration;

use super::{
    Insurer, SAVE, SIGN,
    message::Message,
    policy,
    processes::{Over, Process},
    reply::Said,
};
use crate::{
    Outcome,
    company::Refusal,
    exchange::Exchange,
    sale::{Application, Quoted, SERIES, Verdict, Wait},
};

/// The registry's code of a check that failed; its real codes are not public.
const NOT_CONFIRMED: u32 = 34_030_007;

impl Insurer {
    /// The process that a message belongs to.
    pub(super) fn process(&self, message: &Message) -> Result<Process, Over> {
        let (session, bp) = (message.text("sessionId"), message.text("bpId"));
        self.processes.spend(session, bp, &self.company.knobs())
    }

    pub(super) fn save(&self, message: &Message) -> (Exchange<'_>, Outcome, Said) {
        let risk = match self.process(message) {
            Ok(_) => policy::read(message, self.company.dictionary()),
            Err(Over) => Err(Said::session_over()),
        };
        let risk = match risk {
            Ok(risk) => risk,
            Err(said) => return (Exchange::take(&self.company, &SAVE, None), Outcome::Rejected, said),
        };
        let id = risk.id(&self.company.world);
        let exchange = Exchange::take(&self.company, &SAVE, Some(id));
        if exchange.is_refused() {
            return (exchange, Outcome::Rejected, Said::default());
        }
        let price = match self.company.price(&risk, id, 0) {
            Ok(price) => self.company.final_price(price, id, exchange.attempt),
            Err(Refusal(reason)) => return (exchange, Outcome::Declined, Said::no(reason)),
        };
        let quoted = Quoted { risk: id, start: risk.start, price };
        let application = Application::new(&self.company, &exchange, quoted);
        if let Verdict::Declined(Refusal(reason)) = application.verdict {
            return (exchange, Outcome::Declined, Said::no(reason));
        }
        // What it waits for is the reply, and there is no queue behind it.
        let ready = Wait::new(Duration::ZERO, 0);
        let application = Application { checks: ready, hold: ready, ..application };
        let bp = message.text("bpId");
        let key = self.company.book.apply_under(1, |number| format!("{bp}/{number}"), application);
        self.processes.change(bp, |process| {
            process.application = Some(key);
            process.signed = false;
        });
        (exchange, Outcome::Priced, Said::amount(price.premium))
    }

    pub(super) fn sign(&self, message: &Message) -> (Exchange<'_>, Outcome, Said) {
        let process = self.process(message);
        let key = process.as_ref().ok().and_then(|process| process.application.clone()).unwrap_or_default();
        let found = self.company.book.application(&key);
        let exchange = Exchange::take(&self.company, &SIGN, found.as_ref().map(|it| it.risk));
        if exchange.is_refused() {
            return (exchange, Outcome::Rejected, Said::default());
        }
        let (process, application) = match (process, found) {
            (Err(Over), _) => return (exchange, Outcome::Rejected, Said::session_over()),
            (Ok(_), None) => return (exchange, Outcome::Rejected, Said::no("Полис не сохранён")),
            (Ok(process), Some(application)) => (process, application),
        };
        let bp = message.text("bpId");
        let knobs = exchange.knobs();
        if knobs.sms_code && !process.signed && (message.text("code") != process.code || process.tries == 0) {
            let left = process.tries.saturating_sub(1);
            self.processes.change(bp, |process| process.tries = left);
            let said = Said::error("INCORRECT_CODE", format!("Неверный код. Осталось попыток: {left}"));
            return (exchange, Outcome::Rejected, said);
        }
        if let Verdict::NotInRegistry(Refusal(reason)) = application.verdict {
            return (exchange, Outcome::Declined, Said::registry(NOT_CONFIRMED, reason));
        }
        self.processes.change(bp, |process| process.signed = true);
        let number = format!("{SERIES}{}", application.policy);
        let warned = exchange.draws().happens("registry warning", knobs.registry_warning);
        let said = if warned { Said::registry_down() } else { Said::default() };
        (exchange, Outcome::Answered, said.and("policyNumber", &number))
    }
}
