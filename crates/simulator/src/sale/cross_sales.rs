//! What is sold along with a policy.
//!
//! Two products are offered with every price: accident cover of the driver in two sizes, which go
//! together with each other's `compatibility_id`, and help on the road, which goes together with neither.
//! So a selection of both products is a wrong one. Where the knobs say so, the accident cover must be taken.
//! A risk of the reinsurance pool has one product instead, and cannot be sold without it.

use veer_contract::domain::{CrossSale, CrossSaleOption, Kopecks, RiskPayment, SelectedOption};

use crate::{
    company::{Company, Refusal},
    draws::Draws,
    risk::RiskId,
};

const DEATH: &str = "Смерть в результате несчастного случая";
const DISABILITY: &str = "Инвалидность I, II или III группы в результате несчастного случая";
const INJURY: &str = "Травма в результате несчастного случая";

// === impl Company ===

impl Company {
    /// What is offered with the price of a risk; the same at every asking.
    pub(crate) fn cross_sales(&self, risk: RiskId, pooled: bool) -> Vec<CrossSale> {
        let prices = self.about(risk).with("cross-sales");
        if pooled {
            vec![passengers()]
        } else if self.knobs().cross_sales {
            let required = self.knobs().required_cross_sale;
            vec![CrossSale { required, ..driver(&prices) }, road(&prices)]
        } else {
            Vec::new()
        }
    }

    /// What the selected options cost together, or what is wrong with the selection.
    pub(crate) fn selected(
        &self,
        risk: RiskId,
        pooled: bool,
        selected: &[SelectedOption],
    ) -> Result<Kopecks, Refusal> {
        total(&self.cross_sales(risk, pooled), selected)
    }
}

fn total(offered: &[CrossSale], selected: &[SelectedOption]) -> Result<Kopecks, Refusal> {
    let mut chosen: Vec<&CrossSaleOption> = Vec::new();
    for (index, choice) in selected.iter().enumerate() {
        if selected[..index].iter().any(|earlier| earlier.cross_sale_id == choice.cross_sale_id) {
            return Err(Refusal("Дополнительный продукт выбран дважды"));
        }
        let product = offered
            .iter()
            .find(|product| product.id == choice.cross_sale_id)
            .ok_or(Refusal("Дополнительный продукт не найден"))?;
        let option = product.options.iter().find(|option| option.id == choice.option_id);
        chosen.push(option.ok_or(Refusal("Вариант дополнительного продукта не найден"))?);
    }
    if chosen.windows(2).any(|pair| pair[0].compatibility_id != pair[1].compatibility_id) {
        return Err(Refusal("Выбранные дополнительные продукты несовместимы"));
    }
    let is_selected = |product: &CrossSale| selected.iter().any(|choice| choice.cross_sale_id == product.id);
    if offered.iter().any(|product| product.required && !is_selected(product)) {
        return Err(Refusal("Обязательный дополнительный продукт не выбран"));
    }
    Ok(chosen.iter().map(|option| option.price).sum())
}

/// Between 990 and 1480 roubles, in steps of ten.
fn price(prices: &Draws, name: &str, steps: std::ops::Range<u64>) -> Kopecks {
    let step = steps.start + prices.below(name, steps.end - steps.start);
    Kopecks::from_roubles(990 + 10 * i64::try_from(step).unwrap_or(0))
}

fn pays(risk: &str, pays: &str) -> RiskPayment {
    RiskPayment { risk: risk.into(), pays: vec![pays.into()] }
}

fn driver(prices: &Draws) -> CrossSale {
    let insured = "Водитель застрахованного автомобиля";
    let option = |id, is_default, name: &str, sum: &str, risk_payments, price| CrossSaleOption {
        id,
        is_default,
        compatibility_id: 1,
        name: name.into(),
        description: format!("Страхование водителя от несчастного случая при ДТП на {sum} рублей"),
        insured: insured.into(),
        risk_payments,
        price,
    };
    let small = vec![pays(DEATH, "100% страховой суммы"), pays(DISABILITY, "До 100% страховой суммы")];
    let large = small.iter().cloned().chain([pays(INJURY, "По таблице выплат")]).collect();
    CrossSale {
        id: "accident".into(),
        required: false,
        code: Some("AccidentDriver".into()),
        short_name: "Защита водителя".into(),
        full_name: "Страхование водителя от несчастного случая при ДТП".into(),
        insured: insured.into(),
        insurance_period: "1 год".into(),
        options: vec![
            option(1, true, "Стандарт", "300 000", small, price(prices, "driver, small", 0..25)),
            option(2, false, "Расширенный", "500 000", large, price(prices, "driver, large", 25..50)),
        ],
    }
}

fn road(prices: &Draws) -> CrossSale {
    let insured = "Застрахованный автомобиль";
    CrossSale {
        id: "road".into(),
        required: false,
        code: Some("RoadAssistance".into()),
        short_name: "Помощь на дороге".into(),
        full_name: "Помощь на дороге: эвакуатор, техническая помощь, аварийный комиссар".into(),
        insured: insured.into(),
        insurance_period: "1 год".into(),
        options: vec![CrossSaleOption {
            id: 1,
            is_default: false,
            compatibility_id: 2,
            name: "Помощь на дороге".into(),
            description: "Выезд эвакуатора и технической помощи круглосуточно".into(),
            insured: insured.into(),
            risk_payments: vec![
                pays("Эвакуация после ДТП", "До двух раз за год"),
                pays("Запуск двигателя, замена колеса", "Без ограничений"),
            ],
            price: price(prices, "road", 0..50),
        }],
    }
}

fn passengers() -> CrossSale {
    let insured = "Все, кто находился в машине в момент ДТП, до 5 человек";
    let name = "Страхование пассажиров";
    let full_name = "Страхование пассажиров от несчастного случая при ДТП";
    CrossSale {
        id: "passengers".into(),
        required: true,
        code: Some("AccidentPassengersPoolForEOsago150".into()),
        short_name: name.into(),
        full_name: full_name.into(),
        insured: insured.into(),
        insurance_period: "1 год".into(),
        options: vec![CrossSaleOption {
            id: 1,
            is_default: true,
            compatibility_id: 1,
            name: name.into(),
            description: full_name.into(),
            insured: insured.into(),
            risk_payments: vec![pays(DEATH, "100% страховой суммы")],
            price: Kopecks::from_roubles(1480),
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(choices: &[(&str, i64)]) -> Vec<SelectedOption> {
        let choice =
            |(id, option): &(&str, i64)| SelectedOption { cross_sale_id: (*id).into(), option_id: *option };
        choices.iter().map(choice).collect()
    }

    #[test]
    fn a_selection_costs_what_its_options_cost() {
        let offered = [driver(&Draws::new(1)), road(&Draws::new(1))];
        assert_eq!(total(&offered, &[]), Ok(Kopecks::ZERO));
        assert_eq!(total(&offered, &choose(&[("accident", 2)])), Ok(offered[0].options[1].price));
        for option in offered.iter().flat_map(|product| &product.options) {
            assert!((99_000..=148_000).contains(&option.price.get()), "{option:?}");
        }
    }

    #[test]
    fn a_required_one_is_taken_and_may_be_taken_in_either_size() {
        let offered = [CrossSale { required: true, ..driver(&Draws::new(1)) }, road(&Draws::new(1))];
        for choices in [&[][..], &[("road", 1)]] {
            assert!(total(&offered, &choose(choices)).unwrap_err().0.contains("Обязательный"), "{choices:?}");
        }
        for (at, option) in offered[0].options.iter().enumerate() {
            let id = i64::try_from(at).unwrap() + 1;
            assert_eq!(total(&offered, &choose(&[("accident", id)])), Ok(option.price));
        }
    }

    #[test]
    fn wrong_selections_are_told_apart() {
        let offered = [driver(&Draws::new(1)), road(&Draws::new(1))];
        let wrong = |choices: &[(&str, i64)]| total(&offered, &choose(choices)).unwrap_err().0;
        assert!(wrong(&[("accident", 1), ("road", 1)]).contains("несовместимы"));
        assert!(wrong(&[("accident", 1), ("accident", 2)]).contains("дважды"));
        assert!(wrong(&[("accident", 3)]).contains("Вариант"));
        assert!(wrong(&[("life", 1)]).contains("не найден"));
        assert!(total(&[passengers()], &[]).unwrap_err().0.contains("Обязательный"));
        assert_eq!(total(&[passengers()], &choose(&[("passengers", 1)])), Ok(Kopecks::new(148_000)));
    }
}
