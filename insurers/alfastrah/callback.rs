//! The insurer's own call about an order. It is a hint: the host asks for the payment's state afterwards,
//! so what the call says of it is not read.

use serde_json::Value;
use veer_contract::{Callback, Fault, Reply};

use super::confirm::ORDER_ID;
use crate::{loose::Loose, plain_id};

/// Which order the call is about.
pub(super) fn read(received: &Reply) -> Result<Callback, Fault> {
    let value: Value = received.json()?;
    let order = Loose::of(&value).get(ORDER_ID).trimmed();
    Ok(Callback { correlation: plain_id::check(&order, "the call's order_id")?.to_owned() })
}
