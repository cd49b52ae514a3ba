//! КБМ: the register of drivers' classes.
//!
//! The real register is asked by every insurer and gives all of them the same class. The simulated one
//! does the same: a class is a hash of the licence, whichever insurer asks.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::decimal;
use crate::draws::Draws;

/// The classes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BonusMalus {
    /// A driver that the register does not know, and contracts without a list of drivers.
    #[serde(with = "decimal")]
    pub(crate) start: Decimal,
    classes: Vec<Class>,
}

/// One class.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Class {
    #[expect(dead_code, reason = "tells the reader of the data which class it is")]
    class: String,
    #[serde(with = "decimal")]
    value: Decimal,
    share: u64,
}

impl BonusMalus {
    /// The class of the driver with that licence; look-alike Latin letters count as Cyrillic.
    pub(crate) fn of_licence(&self, register: &Draws, licence: &str) -> Decimal {
        let total: u64 = self.classes.iter().map(|class| class.share).sum();
        let mut left = register.with(&crate::risk::plain(licence)).below("kbm", total);
        for class in &self.classes {
            if left < class.share {
                return class.value;
            }
            left -= class.share;
        }
        self.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tariff::Tariff;

    #[test]
    fn a_licence_has_one_class_however_it_is_written() {
        let classes = &Tariff::embedded().bonus_malus;
        let register = Draws::new(1);
        for number in 0..50 {
            let latin = classes.of_licence(&register, &format!("77ta {number:06}"));
            assert_eq!(latin, classes.of_licence(&register, &format!("77 ТА{number:06}")));
        }
    }

    #[test]
    fn the_shares_cover_every_driver() {
        let classes = &Tariff::embedded().bonus_malus;
        assert_eq!(classes.classes.iter().map(|class| class.share).sum::<u64>(), 100);
        let good =
            (0..1000).filter(|n| classes.of_licence(&Draws::new(1), &n.to_string()) < Decimal::ONE).count();
        assert!((680..820).contains(&good), "{good} of 1000 have a bonus; three quarters should");
    }
}
