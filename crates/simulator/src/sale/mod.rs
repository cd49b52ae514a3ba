//! What an insurer sells, whichever wire it speaks: from an application to the policy's file.
//!
//! An application is made for a price. Its checks take some askings; it is approved or declined, and an
//! approved one may be held in a queue. Then it is billed, the bill is paid or cancelled on a page of the
//! insurer's own, and a paid one is issued. The insurer's [book](Book) remembers all of it for the
//! simulation's life, so a caller that was killed finds everything as it left it, and one that sends an
//! application twice finds two.
//!
//! | file | what is in it |
//! |---|---|
//! | `application` | an application and what the insurer makes of it |
//! | `order` | a bill and how its payment stands |
//! | `book` | the insurer's memory of both |
//! | `cross_sales` | what is sold along |
//! | `wait` | things that are not ready at once |
//! | `page` | the payment page |
//! | `notices` | the insurer's own calls after a payment |
//! | `file` | the draft's and the policy's PDF |
//! | `ledger` | all of it as tests and demonstrations look at it |

mod application;
mod book;
mod cross_sales;
mod file;
mod ledger;
mod notices;
mod order;
pub(crate) mod page;
mod wait;

pub(crate) use application::{Application, Quoted, Verdict};
pub(crate) use book::{Book, Withdrawal};
pub(crate) use file::{Paper, print};
pub(crate) use ledger::ledger;
pub(crate) use notices::{Letter, Notices, signature};
pub(crate) use order::{Order, Payment};
pub(crate) use wait::Wait;

pub use ledger::Sale;

/// The series of electronic policies.
pub(crate) const SERIES: &str = "ХХХ";
