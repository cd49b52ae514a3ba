//! What became of an offer since somebody asked for it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use veer_contract::{
    Effect, Lane,
    domain::{Kopecks, OfferRef, Personal, ReturnUrls, SelectedOption},
};

use crate::upstream::point::{Beginning, Pending, Point};

/// An offer's way from the user's choice to the policy. Kept with the offer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sale {
    /// What the user wants, as last heard; none while the offer was only looked at.
    pub choice: Option<Choice>,
    /// The choice is being carried to the insurer.
    pub confirming: bool,
    /// How often a choice was.
    pub attempts: i64,
    /// Every payment link that was handed out, the newest last: an older one may still be paid.
    pub links: Vec<Link>,
    /// A link that is dearer than what was agreed to; shown when the user agrees to its price.
    pub held: Option<Link>,
    /// The offer cannot be bought any more: a mandatory cross-sale was dropped, the insurer declined the
    /// application, or it is not known what became of one.
    pub withdrawn: bool,
    /// Operations that broke off with something made at the insurer: a next try goes on from there, so that
    /// nothing is made twice.
    pub stopped: BTreeMap<String, Stopped>,
    /// The payment, once it is learnt.
    pub paid: Option<Payment>,
    /// The policy, once it is issued.
    pub policy: Option<PolicyNumber>,
    /// The draft's file is in the store.
    pub has_draft: bool,
    /// The policy's file is in the store.
    pub has_policy: bool,
}

/// Where an operation broke off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stopped {
    /// Its last state that was kept.
    pub point: Point,
    /// A call that creates may have left from there.
    pub creating: bool,
}

/// What the user took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// One option of each cross-sale that goes along, in the order of their ids.
    pub selected: Vec<SelectedOption>,
    /// Where the payment page sends the user back to.
    pub return_urls: Option<ReturnUrls>,
    /// The price that was shown when it was taken, cross-sales included.
    pub price: Kopecks,
}

/// A payment link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The page.
    pub url: String,
    /// What is paid there, cross-sales included.
    pub amount: Kopecks,
    /// What the insurer calls the offer with this payment.
    pub reference: OfferRef,
    /// What it is for.
    pub choice: Choice,
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// When it was learnt.
    pub at: Timestamp,
    /// Which of the links was paid.
    pub link: usize,
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyNumber {
    /// Series, `ХХХ`.
    pub series: Personal<String>,
    /// Number, ten digits.
    pub number: Personal<String>,
}

// === impl Sale ===

impl Sale {
    /// The link that was paid, or the newest one.
    pub fn link(&self) -> Option<&Link> {
        match &self.paid {
            Some(paid) => self.links.get(paid.link),
            None => self.links.last(),
        }
    }

    /// A link for these cross-sales, the newest first: its application need not be made again.
    pub fn link_for(&self, selected: &[SelectedOption]) -> Option<&Link> {
        let links = self.links.iter().rev().chain(&self.held);
        links.into_iter().find(|link| link.choice.selected == selected)
    }

    /// The newest link, where it is for what the user wants now.
    pub fn current_link(&self) -> Option<&Link> {
        self.links
            .last()
            .filter(|link| self.choice.as_ref().is_some_and(|choice| link.choice.same_as(choice)))
    }
}

// === impl Stopped ===

impl Stopped {
    /// Where the next try begins. A payment link whose reply was lost is asked for again, for nobody has
    /// seen it; an application is not.
    pub fn beginning(self) -> Beginning {
        if self.is_unclear() { Beginning::Lost(Some(self.point)) } else { Beginning::At(self.point) }
    }

    /// It broke off over a payment link: nothing but that is made again.
    pub fn is_only_payment(&self) -> bool {
        let Pending::Calls(calls) = &self.point.pending else { return false };
        calls.iter().all(|call| call.effect == Effect::Creates && call.lane == Lane::Payment)
    }

    /// The insurer may have an application of which nothing is known.
    pub fn is_unclear(&self) -> bool {
        let Pending::Calls(calls) = &self.point.pending else { return false };
        let applies =
            |call: &veer_contract::Call| call.effect == Effect::Creates && call.lane != Lane::Payment;
        self.creating && calls.iter().any(applies)
    }
}

// === impl Choice ===

impl Choice {
    /// Whether both take the same. The price is not part of it: it is what was shown, not what was said.
    pub fn same_as(&self, other: &Choice) -> bool {
        self.selected == other.selected && self.return_urls == other.return_urls
    }
}
