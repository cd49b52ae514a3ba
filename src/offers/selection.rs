//! Which cross-sales may be taken with an offer, and which must.
//!
//! A plain function of the offer and the wish; every problem at once, each with its place in the wish.

use std::collections::BTreeMap;

use veer_contract::domain::{CrossSale, Offer, SelectedOption};

/// What is wrong with one entry of a selection, or with the selection as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectionProblem {
    /// The entry; none where something is missing.
    pub at: Option<usize>,
    /// What is wrong with it.
    pub rule: Rule,
}

/// The rules of a selection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// The offer has no such cross-sale.
    UnknownCrossSale,
    /// The cross-sale has no such option.
    UnknownOption,
    /// An option of this cross-sale is selected already, at this entry.
    Twice(usize),
    /// Its compatibility differs from that of this earlier entry.
    Incompatible(usize),
    /// The calculation was asked for without cross-sales.
    NotAllowed,
    /// This one is required, by its id, and left out.
    RequiredLeftOut(String),
}

/// A selection that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// These options, in the order of their cross-sales' ids.
    Options(Vec<SelectedOption>),
    /// The offer goes to the reinsurance pool, and this cross-sale of it was dropped: that cancels the offer.
    Dropped(String),
}

/// Holds `wish` (cross-sale and option, by their ids) against `offer`. `allowed`: the calculation was asked
/// for with cross-sales; required ones may be taken all the same, for without them there is no policy.
pub fn check(
    offer: &Offer,
    allowed: bool,
    wish: &[SelectedOption],
) -> Result<Selected, Vec<SelectionProblem>> {
    let mut problems = Vec::new();
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    let mut compatibility: Option<(usize, i64)> = None;
    for (at, entry) in wish.iter().enumerate() {
        if let Err(rule) = entry_rule(offer, allowed, entry, at, &mut taken, &mut compatibility) {
            problems.push(SelectionProblem { at: Some(at), rule });
        }
    }
    let is_pool = offer.is_reinsurance_pool == Some(true);
    let left_out = |sale: &&CrossSale| !taken.contains_key(sale.id.as_str());
    let mut missing = offer.cross_sales.iter().filter(left_out).filter(|sale| sale.required || is_pool);
    if is_pool {
        let dropped = missing.next().map(|sale| sale.id.clone());
        return match dropped {
            _ if !problems.is_empty() => Err(problems),
            Some(id) => Ok(Selected::Dropped(id)),
            None => Ok(Selected::Options(in_order(wish))),
        };
    }
    problems.extend(
        missing.map(|sale| SelectionProblem { at: None, rule: Rule::RequiredLeftOut(sale.id.clone()) }),
    );
    if problems.is_empty() { Ok(Selected::Options(in_order(wish))) } else { Err(problems) }
}

fn entry_rule<'o>(
    offer: &'o Offer,
    allowed: bool,
    entry: &SelectedOption,
    at: usize,
    taken: &mut BTreeMap<&'o str, usize>,
    compatibility: &mut Option<(usize, i64)>,
) -> Result<(), Rule> {
    let sale = offer.cross_sales.iter().find(|sale| sale.id == entry.cross_sale_id);
    let sale = sale.ok_or(Rule::UnknownCrossSale)?;
    let is_mandatory = sale.required || offer.is_reinsurance_pool == Some(true);
    if !allowed && !is_mandatory {
        return Err(Rule::NotAllowed);
    }
    if let Some(earlier) = taken.get(sale.id.as_str()) {
        return Err(Rule::Twice(*earlier));
    }
    let option = sale.options.iter().find(|option| option.id == entry.option_id);
    taken.insert(&sale.id, at);
    let option = option.ok_or(Rule::UnknownOption)?;
    match *compatibility {
        Some((earlier, id)) if id != option.compatibility_id => Err(Rule::Incompatible(earlier)),
        Some(_) => Ok(()),
        None => {
            *compatibility = Some((at, option.compatibility_id));
            Ok(())
        }
    }
}

/// The same selection said in another order is the same selection.
fn in_order(wish: &[SelectedOption]) -> Vec<SelectedOption> {
    let mut selected = wish.to_vec();
    selected.sort_by(|a, b| a.cross_sale_id.cmp(&b.cross_sale_id));
    selected
}

#[cfg(test)]
mod tests {
    use veer_contract::domain::{CrossSaleOption, Kopecks, OfferRef, Premium};

    use super::*;

    fn sale(id: &str, required: bool, options: &[(i64, i64)]) -> CrossSale {
        let option = |(id, compatibility_id): &(i64, i64)| CrossSaleOption {
            id: *id,
            is_default: false,
            compatibility_id: *compatibility_id,
            name: String::new(),
            description: String::new(),
            insured: String::new(),
            risk_payments: Vec::new(),
            price: Kopecks::from_roubles(100),
        };
        CrossSale {
            id: id.into(),
            required,
            code: None,
            short_name: String::new(),
            full_name: String::new(),
            insured: String::new(),
            insurance_period: String::new(),
            options: options.iter().map(option).collect(),
        }
    }

    fn offer(pool: bool, sales: Vec<CrossSale>) -> Offer {
        let premium = Premium::Final(Kopecks::from_roubles(5000));
        let offer = Offer::priced("a", OfferRef::default(), premium);
        Offer { cross_sales: sales, is_reinsurance_pool: Some(pool), ..offer }
    }

    fn wish(entries: &[(&str, i64)]) -> Vec<SelectedOption> {
        let entry = |(id, option_id): &(&str, i64)| SelectedOption {
            cross_sale_id: (*id).into(),
            option_id: *option_id,
        };
        entries.iter().map(entry).collect()
    }

    fn rules(checked: Result<Selected, Vec<SelectionProblem>>) -> Vec<(Option<usize>, Rule)> {
        checked.unwrap_err().into_iter().map(|problem| (problem.at, problem.rule)).collect()
    }

    #[test]
    fn what_goes_together_is_taken_in_one_order() {
        let offer = offer(false, vec![sale("b", false, &[(1, 7)]), sale("a", false, &[(1, 7), (2, 8)])]);
        let one = check(&offer, true, &wish(&[("b", 1), ("a", 1)])).unwrap();
        assert_eq!(one, Selected::Options(wish(&[("a", 1), ("b", 1)])));
        assert_eq!(check(&offer, true, &[]).unwrap(), Selected::Options(Vec::new()));
    }

    #[test]
    fn every_problem_is_told_at_its_place() {
        let offer = offer(
            false,
            vec![
                sale("a", false, &[(1, 7), (2, 7)]),
                sale("b", false, &[(1, 8)]),
                sale("must", true, &[(1, 7)]),
            ],
        );
        let wrong = wish(&[("a", 1), ("x", 1), ("a", 2), ("b", 9), ("b", 1)]);
        assert_eq!(
            rules(check(&offer, true, &wrong)),
            [
                (Some(1), Rule::UnknownCrossSale),
                (Some(2), Rule::Twice(0)),
                (Some(3), Rule::UnknownOption),
                (Some(4), Rule::Twice(3)),
                (None, Rule::RequiredLeftOut("must".into())),
            ]
        );
        let wrong = wish(&[("must", 1), ("b", 1)]);
        assert_eq!(rules(check(&offer, true, &wrong)), [(Some(1), Rule::Incompatible(0))]);
    }

    #[test]
    fn without_cross_sales_only_required_ones_may_be_taken() {
        let offer = offer(false, vec![sale("a", false, &[(1, 7)]), sale("must", true, &[(1, 7)])]);
        assert!(check(&offer, false, &wish(&[("must", 1)])).is_ok());
        assert_eq!(
            rules(check(&offer, false, &wish(&[("must", 1), ("a", 1)]))),
            [(Some(1), Rule::NotAllowed)]
        );
    }

    #[test]
    fn in_the_pool_all_are_mandatory_and_dropping_one_is_no_mistake() {
        let offer = offer(true, vec![sale("a", false, &[(1, 7)]), sale("b", true, &[(1, 7)])]);
        assert!(matches!(check(&offer, true, &wish(&[("a", 1), ("b", 1)])), Ok(Selected::Options(_))));
        assert!(matches!(check(&offer, false, &wish(&[("a", 1), ("b", 1)])), Ok(Selected::Options(_))));
        assert_eq!(check(&offer, true, &wish(&[("b", 1)])), Ok(Selected::Dropped("a".into())));
        assert_eq!(rules(check(&offer, true, &wish(&[("b", 5)]))), [(Some(0), Rule::UnknownOption)]);
    }
}
