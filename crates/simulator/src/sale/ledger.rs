//! What an insurer sold, as tests and demonstrations look at it.

use veer_contract::domain::Kopecks;

use crate::{
    company::Company,
    sale::{Application, Order, SERIES, order::State},
};

/// One application that an insurer has, trials left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// What the insurer calls the application.
    pub application: String,
    /// Names the risk, as in the journal.
    pub risk: String,
    /// The final price, without cross-sales.
    pub premium: Kopecks,
    /// Series and number: `ХХХ 0123456789`. They hold once it is paid.
    pub policy: String,
    /// How often it was billed.
    pub bills: usize,
    /// What was paid, with cross-sales.
    pub paid: Option<Kopecks>,
}

/// Every application of the insurer, in the order of their names.
pub(crate) fn ledger(company: &Company) -> Vec<Sale> {
    let sale = |key: &str, application: &Application, bills: &[&Order]| {
        let paid = bills.iter().find(|order| matches!(order.state, State::Paid { .. }));
        (!application.trial).then(|| Sale {
            application: key.to_owned(),
            risk: application.risk.to_string(),
            premium: application.price.premium,
            policy: format!("{SERIES} {}", application.policy),
            bills: bills.len(),
            paid: paid.map(|order| order.amount),
        })
    };
    let mut sales: Vec<Sale> = company.book.read(sale).into_iter().flatten().collect();
    sales.sort_by(|one, other| one.application.cmp(&other.application));
    sales
}
