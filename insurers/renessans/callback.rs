//! The insurer's own call about an application. It is a hint: the host asks for the payment's state
//! afterwards, so what the call says of it is not read.

use veer_contract::{Callback, Fault, Reply};

use super::application::POLICY_ID;
use crate::plain_id;

/// Which application the call is about. A plain id stands in a form as it is: nothing is unescaped.
pub(super) fn read(received: &Reply) -> Result<Callback, Fault> {
    let text = received.text();
    let fields = text.trim().split('&').filter_map(|field| field.split_once('='));
    let policy_id = fields.filter(|(name, _)| *name == POLICY_ID).map(|(_, value)| value).next();
    let policy_id = plain_id::check(policy_id.unwrap_or_default(), "the call's policy_id")?;
    Ok(Callback { correlation: policy_id.to_owned() })
}
