//! Policies and files.

use veer_contract::{
    Fault,
    create_then_poll::Refusal,
    domain::{Document, Policy},
};

use super::{Source, needed};
use crate::{
    model::{DocumentSpec, NumberSpec},
    pdf,
    policy_number::PolicyNumber,
};

/// A file; a fault where it is no PDF.
pub(super) fn document(spec: &DocumentSpec, from: Source<'_>) -> Result<Document, Refusal> {
    let found = match spec {
        DocumentSpec::Bytes => match from.reply {
            Some(reply) => pdf::from_bytes(&reply.body),
            None => Err(Fault::not_understood("there is no reply that could be a file")),
        },
        DocumentSpec::Base64(expr) => pdf::from_base64(&needed(expr, from.scene)?),
    };
    found.map_err(Refusal::from)
}

/// A policy. Its number is what is sold, so a file that is missing or is no PDF holds nothing back.
pub(super) fn make(
    number: &NumberSpec,
    file: Option<&DocumentSpec>,
    from: Source<'_>,
) -> Result<Policy, Refusal> {
    let number = match number {
        NumberSpec::Apart { series, number } => {
            PolicyNumber::of(&needed(series, from.scene)?, &needed(number, from.scene)?)
        }
        NumberSpec::Joined(expr) => PolicyNumber::joined(&needed(expr, from.scene)?),
    };
    let number = number?.ok_or_else(|| Fault::not_understood("the policy has no series or no number"))?;
    Ok(number.policy(file.and_then(|file| document(file, from).ok())))
}
