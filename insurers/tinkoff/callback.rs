//! The insurer's own call about a payment. It is a hint: the host asks how the set stands afterwards, so what else
//! the call says is not read.

use veer_contract::{Callback, Fault, Reply};

use crate::plain_id;

/// The field with the number; its real name is not public.
const POLICY_NUMBER: &str = "policyNumber";

/// Which policy the call is about. A plain number stands in a form as it is: nothing is unescaped.
pub(super) fn read(received: &Reply) -> Result<Callback, Fault> {
    let text = received.text();
    let fields = text.trim().split('&').filter_map(|field| field.split_once('='));
    let number = fields.filter(|(name, _)| *name == POLICY_NUMBER).map(|(_, value)| value).next();
    let number = plain_id::check(number.unwrap_or_default(), "the call's policyNumber")?;
    Ok(Callback { correlation: number.to_owned() })
}
