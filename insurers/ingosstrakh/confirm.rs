//! From an accepted offer to a payment link: `MakeEOsago` makes the policy at the registry, `CreateBill`
//! the bill with the selected cross-sales, `CreateOnlineBill` the page where it is paid.
//!
//! *Queue.* `MakeEOsago` waits in a queue at the insurer, and may answer that it waited too long. That is
//! no failure: the queue goes on, and `GetAgreement` tells when the policy is made, which may take hours.
//!
//! *Never twice.* The agreement is looked at before `MakeEOsago`: an offer that is confirmed again, with
//! other cross-sales or after a link that failed, has its policy already and gets a new bill only. Where
//! the reply to `MakeEOsago` is lost, the agreement is asked as for the queue.

use serde::{Deserialize, Serialize};
use veer_contract::{
    Call, Context, Effect, Event, Flow, Lane, Step,
    create_then_poll::Refusal,
    domain::{Kopecks, OfferRef, PaymentLink},
    operation::{Confirm, Confirmation},
};

use super::{
    agreement::{self, AGR_ID, AGR_ISN, PAUSE, Standing},
    products,
    reply::Answer,
    request,
};
use crate::payment_page;

/// Takes an offer.
pub(super) struct Purchase;

/// In an offer's reference, the bill's number.
pub(super) const BILL_ISN: &str = "bill_isn";
/// Paid by card.
const BY_CARD: &str = "114916";
/// `MakeEOsago` stands in the insurer's queue; there is no code for it.
const IN_QUEUE: &str = "превышен период ожидания обработки очереди";

/// How far the purchase is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Purchasing {
    /// `GetAgreement` is under way; `asked` where the policy was asked for already.
    Looking { asked: bool },
    /// `MakeEOsago` is under way.
    Making,
    /// The policy stands in the insurer's queue.
    Holding,
    /// `CreateBill` is under way.
    Billing,
    /// `CreateOnlineBill` is under way.
    Linking(Bill),
}

/// What `CreateBill` gave.
#[derive(Serialize, Deserialize)]
pub(super) struct Bill {
    isn: String,
    sum: Option<Kopecks>,
}

type Turn = Result<Step<Purchasing, PaymentLink>, Refusal>;

// === impl Purchase ===

impl Flow<Confirm> for Purchase {
    type State = Purchasing;

    fn start(&self, input: &Confirmation, cx: &Context<'_>) -> Step<Purchasing, PaymentLink> {
        let email = request::email(&input.offer.request).map_err(Refusal::from);
        email.and_then(|_| look(input, false, cx)).unwrap_or_else(Step::from)
    }

    fn resume(
        &self,
        input: &Confirmation,
        state: Purchasing,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Step<Purchasing, PaymentLink> {
        let turn = match state {
            Purchasing::Looking { asked } => looked(input, asked, event, cx),
            Purchasing::Making => made(input, event, cx),
            Purchasing::Holding => look(input, true, cx),
            Purchasing::Billing => billed(input, event, cx),
            Purchasing::Linking(bill) => linked(bill, event),
        };
        turn.unwrap_or_else(Step::from)
    }

    fn recover(
        &self,
        _input: &Confirmation,
        state: Purchasing,
        _cx: &Context<'_>,
    ) -> Option<Step<Purchasing, PaymentLink>> {
        // A bill cannot be asked for without its number.
        matches!(state, Purchasing::Making).then(|| Step::wait(PAUSE, Purchasing::Holding))
    }
}

fn look(input: &Confirmation, asked: bool, cx: &Context<'_>) -> Turn {
    let agr_id = agreement::known(&input.offer.offer, AGR_ID)?;
    Ok(Step::call(agreement::ask(agr_id, cx), Purchasing::Looking { asked }))
}

fn looked(input: &Confirmation, asked: bool, event: Event<'_>, cx: &Context<'_>) -> Turn {
    let standing = Standing::of(event.reply("GetAgreement")?)?;
    if standing.is_made() {
        bill(input, cx)
    } else if asked {
        Ok(Step::wait(PAUSE, Purchasing::Holding))
    } else {
        make(input, cx)
    }
}

fn make(input: &Confirmation, cx: &Context<'_>) -> Turn {
    let isn = agreement::known(&input.offer.offer, AGR_ISN)?;
    let call = request::in_session("MakeEOsago", Lane::Create, Effect::Creates, cx, |xml| {
        xml.leaf("AgrISN", isn);
    });
    Ok(Step::call(call, Purchasing::Making))
}

fn made(input: &Confirmation, event: Event<'_>, cx: &Context<'_>) -> Turn {
    let answer = Answer::in_session(event.reply("MakeEOsago")?)?;
    if answer.message().to_lowercase().contains(IN_QUEUE) {
        return Ok(Step::wait(PAUSE, Purchasing::Holding));
    }
    if answer.code != 0 {
        return Err(answer.refusal("Страховщик отказал в оформлении полиса"));
    }
    bill(input, cx)
}

fn bill(input: &Confirmation, cx: &Context<'_>) -> Turn {
    let agr_id = agreement::known(&input.offer.offer, AGR_ID)?;
    let call = request::in_session("CreateBill", Lane::Payment, Effect::Creates, cx, |xml| {
        xml.leaf("PaymentType", BY_CARD);
        xml.leaf("Payer", "Customer");
        xml.leaf("IncludeAll", "1");
        xml.element("AgreementList", |xml| xml.leaf("AgrID", agr_id));
        products::write_selected(xml, &input.selected);
    });
    Ok(Step::call(call, Purchasing::Billing))
}

fn billed(input: &Confirmation, event: Event<'_>, cx: &Context<'_>) -> Turn {
    let answer = Answer::granted(event.reply("CreateBill")?, "Страховщик не выставил счёт")?;
    let isn = answer.needs("BillISN")?.to_owned();
    let sum = answer.text("BillSum").map(|_| answer.roubles("BillSum")).transpose()?;
    let call = online_bill(&isn, request::email(&input.offer.request)?, cx);
    Ok(Step::call(call, Purchasing::Linking(Bill { isn, sum })))
}

fn online_bill(isn: &str, email: &str, cx: &Context<'_>) -> Call {
    request::in_session("CreateOnlineBill", Lane::Payment, Effect::Creates, cx, |xml| {
        xml.element("Bill", |xml| {
            xml.leaf("BillISN", isn);
            xml.element("Client", |xml| {
                xml.leaf("Email", email);
                xml.leaf("DigitalPolicyEmail", email);
                xml.leaf("PaymentNotification", "Y");
                xml.leaf("SendByEmail", "Y");
                xml.leaf("SendBySms", "N");
            });
        });
    })
}

fn linked(bill: Bill, event: Event<'_>) -> Turn {
    let answer = Answer::granted(event.reply("CreateOnlineBill")?, "Страховщик не дал ссылку на оплату")?;
    Ok(Step::done(PaymentLink {
        url: payment_page::check(answer.needs("PayURL")?)?,
        amount: bill.sum,
        reference: OfferRef::of(BILL_ISN, bill.isn.as_str()),
        correlation: Some(bill.isn),
    }))
}
