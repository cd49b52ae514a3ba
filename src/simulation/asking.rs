//! The partner posts calculations and polls them, and users take offers and pay.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;
use veer_contract::domain::{Personal, QuoteRequest};

use super::life::Hands;
use crate::{
    calculation::{AcceptError, NewCalculation},
    offers::Wish,
};

/// The partner's account.
pub(super) const ACCOUNT: &str = "demo";

// === impl Hands ===

impl Hands {
    /// The partner asks for a calculation and polls it, and a user may buy.
    pub(super) async fn ask(self, number: usize) {
        self.until(self.plan.posts[number]).await;
        while self.stage.world().partner.asked[number].accepted.is_none() {
            if !self.post(number).await {
                sleep(Duration::from_millis(1_300)).await;
            }
        }
        let mut tries = 0;
        loop {
            self.poll(number).await;
            let (is_over, buys) = {
                let world = self.stage.world();
                let asked = &world.partner.asked[number];
                (asked.is_over(), asked.buys && !asked.has_come)
            };
            if is_over && buys && tries < 3 {
                tries += 1;
                self.buy(number).await;
            }
            sleep(Duration::from_secs(if is_over { 2 } else { 1 })).await;
        }
    }

    async fn post(&self, number: usize) -> bool {
        let now = self.stage.now();
        let new = {
            let mut world = self.stage.world();
            let asked = &mut world.partner.asked[number];
            asked.posted = Some(now);
            let new = new(asked.id, asked.risk);
            world.note(now, format!("partner: posts {number}"));
            new
        };
        let accepted = self.calculations.accept(new).await;
        let now = self.stage.now();
        let mut world = self.stage.world();
        world.note(now, format!("partner: posted {number}: {accepted:?}"));
        match accepted {
            Ok(created) => {
                world.partner.asked[number].accepted = Some((created, now));
                true
            }
            Err(AcceptError::Store(_) | AcceptError::Stopping) => false,
            Err(error) => {
                world.broken(now, format!("calculation {number} is not accepted: {error}"));
                false
            }
        }
    }

    /// To be sure, one that was accepted is posted again.
    pub(super) async fn post_again(&self, number: usize) {
        let (new, first) = {
            let world = self.stage.world();
            let asked = &world.partner.asked[number];
            (new(asked.id, asked.risk), asked.accepted)
        };
        let Some((first, _)) = first else { return };
        let again = self.calculations.accept(new).await;
        if let Ok(created) = again
            && created.as_millisecond() != first.as_millisecond()
        {
            self.broken(format!("calculation {number} was accepted at {first}, and again at {created}"));
        }
    }

    async fn poll(&self, number: usize) {
        let id = self.stage.world().partner.asked[number].id;
        let answer = match self.calculations.live(ACCOUNT, id) {
            Some(answer) => Ok(Some(answer)),
            None => self.calculations.stored(ACCOUNT, id).await,
        };
        let now = self.stage.now();
        let mut world = self.stage.world();
        let problems = match answer {
            Ok(Some(answer)) => world.partner.is_shown(number, &answer.calculation, now),
            Ok(None) => vec![format!("calculation {number} was accepted and is not there")],
            Err(error) => vec![format!("calculation {number} cannot be read: {error}")],
        };
        problems.into_iter().for_each(|problem| world.broken(now, problem));
    }

    /// A user takes the cheapest offer of an insurer that sells, and comes to the page of its payment.
    async fn buy(&self, number: usize) {
        let (id, offer_id) = {
            let world = self.stage.world();
            let asked = &world.partner.asked[number];
            let sells = |code: i64| {
                self.plan.insurers.iter().any(|account| account.partner_code == code && account.style.sells)
            };
            let open =
                asked.shown.offers.iter().find(|(_, offer)| {
                    sells(offer.insurer) && offer.price.is_some() && !offer.status.is_final()
                });
            (asked.id, open.map(|(id, _)| id.clone()))
        };
        let Some(offer_id) = offer_id else { return };
        let shown = self.offers.show(ACCOUNT, id, &offer_id).await.map(|shown| shown.entry.status);
        let wish = Wish { selected: Vec::new(), return_urls: None };
        let taken = self.offers.confirm(ACCOUNT, id, &offer_id, wish).await;
        let now = self.stage.now();
        let link = taken.as_ref().ok().and_then(|shown| {
            let url = &shown.entry.sale.as_deref()?.current_link()?.url;
            Some((shown.entry.insurer.code.clone(), url.rsplit_once('/')?.1.to_owned()))
        });
        let taken = taken.map(|shown| shown.entry.status);
        let mut world = self.stage.world();
        world.note(now, format!("user: takes {number} {offer_id}: {shown:?} {taken:?}"));
        if let Some((insurer, payment)) = link {
            let has_paid = world.pay(&insurer, &payment, now);
            let asked = &mut world.partner.asked[number];
            (asked.has_come, asked.has_paid) = (true, has_paid);
        }
    }
}

fn new(id: uuid::Uuid, risk: usize) -> NewCalculation {
    let mut request: QuoteRequest = veer_kit::requests::standard();
    request.vehicle.plate = Some(Personal::new(risk.to_string()));
    NewCalculation {
        account: ACCOUNT.into(),
        request_id: id,
        partner: "yandex".into(),
        fingerprint: [u8::try_from(risk).unwrap(); 32],
        request: Arc::new(request),
    }
}
