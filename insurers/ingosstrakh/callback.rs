//! The insurer's own call about a bill. It is a hint: the host asks `GetBill` afterwards, so what the call
//! says of the payment is not read.

use veer_contract::{Callback, Fault, Reply};

use crate::xml::Element;

/// Which bill the call is about.
pub(super) fn read(received: &Reply) -> Result<Callback, Fault> {
    let notice = Element::parse(&received.text())
        .map_err(|_| Fault::not_understood("the insurer's own call is not XML"))?;
    let bill = notice.find("PaymentNotice").and_then(|notice| notice.find_text("BillISN"));
    let bill = bill.ok_or_else(|| Fault::not_understood("the insurer's own call names no BillISN"))?;
    Ok(Callback { correlation: bill.to_owned() })
}
