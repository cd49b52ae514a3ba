//! Equal risks: asked once, told to everybody who asked.
//!
//! A user presses the button again, or a partner posts the same risk under a new id a minute later. Where the
//! operator allows it (`[insurers.<code>] reuse`) and the manifest does not forbid it, the insurer hears of that risk
//! once:
//!
//! * The first conversation about it **leads**. Nothing about it is different but that it is overheard.
//! * One that comes while it runs **follows**: it hears the offers so far, then the new ones, then the end.
//! * One that comes within the window after its good end is handed the same offers at once: they are **reused**.
//!
//! Shared are a `Done` with at least one offer that can be published, which is kept for the window, and a decline, which
//! only those hear who follow. A leader that ends in any other way (it fails, its calculation's time is over, it is
//! abandoned, the gateway stops) leaves its followers to ask by themselves, and one of them leads. Each of them holds the
//! insurer against what the operator says at that moment, as at any beginning.
//!
//! What an insurer said before its operator switched it off is not handed out when it is back.
//!
//! The same is what the insurer would be asked: account, request, the vehicle's codes, the revision of the spec, the
//! Moscow day. Ids, verdicts, timelines and rows are each calculation's own, and nobody learns whose the other one
//! was. An offer that is handed on ends no later than where it was made.
//!
//! On a cold start nothing is known: a follower that is taken up after a restart begins by itself. On several replicas
//! each has its own memory, so at worst each of them asks once.
//!
//! | module | what it does |
//! |---|---|
//! | `key` | what is the same |
//! | `talk` | what one conversation has told so far |
//! | `shelf` | where talks are found, and for how long |
//! | `lead` | tells a talk |
//! | `follow` | hears one |

mod follow;
mod key;
mod lead;
mod shelf;
mod talk;
#[cfg(test)]
mod tests;

pub use self::shelf::Reuse;
pub(super) use self::{
    follow::{Ear, Follow},
    key::Question,
    lead::Lead,
    shelf::Part,
};
