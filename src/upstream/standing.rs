//! Whether an insurer is asked, at this moment and in this calculation.
//!
//! A rule holds when a conversation is about to begin. What runs goes on, and an offer that was accepted can still be
//! confirmed, paid and fetched: whoever switches an insurer off must not strand somebody who is paying.
//!
//! | rule | verdict |
//! |---|---|
//! | `enabled = false` | 100 |
//! | `maintenance`, `hours` | 104 |
//! | `asked = "20%"` | 105 |
//!
//! The share is by the calculation's id and the insurer's code: the same calculation is chosen after a restart and on
//! every replica, a larger share chooses those of a smaller one and more, and shares of two insurers are not the same
//! calculations.

use jiff::{Timestamp, civil::DateTime};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::verdict::Verdict;
use crate::{
    config::{Share, StandingConfig},
    telemetry::clock::moscow_time,
};

/// Why an insurer is not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAsked {
    /// As this.
    pub verdict: Verdict,
    /// For operators: which key says so, and until when.
    pub detail: String,
}

/// Why the insurer takes nothing at `now`, whatever it is about.
pub fn closed(standing: &StandingConfig, now: Timestamp) -> Option<NotAsked> {
    let now = moscow_time(now);
    if !standing.enabled {
        let detail = "it is switched off (`enabled`); `veer limits show` tells by whom".to_owned();
        return Some(NotAsked { verdict: Verdict::Disabled, detail });
    }
    if let Some((window, end)) = standing.maintenance.at(now) {
        let detail = format!("`maintenance` says `{window}`; it is asked again from {}", moscow(end));
        return Some(NotAsked { verdict: Verdict::Maintenance, detail });
    }
    if !standing.hours.hold(now) {
        let next = standing.hours.next_after(now).map_or_else(|| "never".to_owned(), moscow);
        let detail = format!("outside its `hours`, `{}`; they begin again {next}", standing.hours);
        return Some(NotAsked { verdict: Verdict::Maintenance, detail });
    }
    None
}

/// Why the insurer of that code is not asked in that calculation, which would begin to ask it at `now`.
pub fn refuses(
    standing: &StandingConfig,
    insurer: &str,
    calculation: Uuid,
    now: Timestamp,
) -> Option<NotAsked> {
    closed(standing, now).or_else(|| {
        let not_chosen = !is_chosen(standing.asked, insurer, calculation);
        not_chosen.then(|| NotAsked {
            verdict: Verdict::NotChosen,
            detail: format!(
                "it is asked in {} of calculations (`asked`), and not in this one",
                standing.asked
            ),
        })
    })
}

fn is_chosen(share: Share, insurer: &str, calculation: Uuid) -> bool {
    if share == Share::ALL {
        return true;
    }
    let hash = Sha256::new().chain_update(calculation).chain_update(insurer).finalize();
    let mut number = [0; 8];
    number.copy_from_slice(&hash[..8]);
    share.holds(u64::from_be_bytes(number))
}

fn moscow(at: DateTime) -> String {
    format!("{} (Moscow)", at.strftime("%Y-%m-%d %H:%M"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing() -> StandingConfig {
        StandingConfig::default()
    }

    fn told(standing: &StandingConfig, moscow: &str) -> Option<(u16, String)> {
        let at = format!("{moscow}+03:00").parse().unwrap();
        refuses(standing, "x", Uuid::from_u128(7), at).map(|not| (not.verdict.code(), not.detail))
    }

    #[test]
    fn what_nobody_restricts_is_asked_always() {
        assert_eq!(told(&standing(), "2026-11-22T03:00:00"), None);
    }

    #[test]
    fn what_is_switched_off_is_verdict_100_before_all_else() {
        let maintenance = "00:00-24:00".parse().unwrap();
        let off = StandingConfig { enabled: false, maintenance, ..standing() };
        assert_eq!(told(&off, "2026-11-22T03:00:00").unwrap().0, 100);
    }

    #[test]
    fn outside_its_hours_it_is_verdict_104_until_they_begin_again() {
        let hours = "mon-fri 08:00-20:00".parse().unwrap();
        let standing = StandingConfig { hours, ..standing() };
        assert_eq!(told(&standing, "2026-11-20T19:59:59"), None);
        let detail = "outside its `hours`, `mon-fri 08:00-20:00`; they begin again 2026-11-23 08:00 (Moscow)";
        assert_eq!(told(&standing, "2026-11-20T20:00:00"), Some((104, detail.into())));
    }

    #[test]
    fn in_maintenance_it_is_verdict_104_until_its_end() {
        let maintenance = "sun 03:00-05:00; 2026-12-01 02:00 - 2026-12-01 04:00".parse().unwrap();
        let standing = StandingConfig { maintenance, ..standing() };
        assert_eq!(told(&standing, "2026-12-01T04:00:00"), None);
        let detail = "`maintenance` says `2026-12-01 02:00 - 2026-12-01 04:00`; it is asked again from \
                      2026-12-01 04:00 (Moscow)";
        assert_eq!(told(&standing, "2026-12-01T03:59:59"), Some((104, detail.into())));
        assert_eq!(told(&standing, "2026-11-22T03:00:00").unwrap().0, 104);
    }

    #[test]
    fn a_share_is_kept_to_and_stays_the_same() {
        let asked = |share: &str, insurer: &str| -> Vec<bool> {
            let standing = StandingConfig { asked: share.parse().unwrap(), ..standing() };
            let refused =
                |number| refuses(&standing, insurer, Uuid::from_u128(number), Timestamp::UNIX_EPOCH);
            (0..10_000).map(|number| refused(number).is_none()).collect()
        };
        let count = |asked: &[bool]| asked.iter().filter(|it| **it).count();
        let (fifth, half) = (asked("20%", "x"), asked("50%", "x"));
        assert!((1_800..2_200).contains(&count(&fifth)), "{}", count(&fifth));
        assert!((4_700..5_300).contains(&count(&half)), "{}", count(&half));
        assert_eq!(fifth, asked("20%", "x"));
        assert!(
            fifth.iter().zip(&half).all(|(less, more)| !less || *more),
            "a larger share holds the smaller"
        );
        let other = asked("20%", "y");
        let both = fifth.iter().zip(&other).filter(|(one, two)| **one && **two).count();
        assert!((300..500).contains(&both), "two insurers' shares are not the same calculations: {both}");
    }

    #[test]
    fn what_is_not_chosen_is_verdict_105() {
        let asked = "0.01%".parse().unwrap();
        let (verdict, detail) = told(&StandingConfig { asked, ..standing() }, "2026-11-22T03:00:00").unwrap();
        assert_eq!(verdict, 105);
        assert!(detail.contains("0.01%"), "{detail}");
    }
}
