//! `CreateBill`, `CreateOnlineBill` and `GetBill`: the bill, its payment page, and whether it is paid.

use actix_web::HttpResponse;

use super::{Insurer, REFUSED, application, products, soap::Request};
use crate::{
    Outcome,
    company::Refusal,
    exchange::{Exchange, Operation},
    sale::{Application, Order, Payment},
};

pub(super) const CREATE_BILL: Operation = Operation::makes("CreateBill");
pub(super) const CREATE_ONLINE_BILL: Operation = Operation::makes("CreateOnlineBill");
pub(super) const GET_BILL: Operation = Operation::asks("GetBill");

/// By card.
const CARD: &str = "114916";

pub(super) async fn create(this: &Insurer, request: &Request) -> HttpResponse {
    let id = request.text("AgrID");
    let application = this.company.book.application(id);
    let exchange = Exchange::take(&this.company, &CREATE_BILL, application.as_ref().map(|it| it.risk));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let Some(application) = application else { return application::unknown(exchange, request).await };
    let (outcome, reply) = match bill(this, &exchange, request, id, &application) {
        Ok(data) => (Outcome::Answered, request.success(&data)),
        Err(Refusal(reason)) => (Outcome::Rejected, request.refusal(REFUSED, reason)),
    };
    exchange.answer(outcome, reply).await
}

fn bill(
    this: &Insurer,
    exchange: &Exchange<'_>,
    request: &Request,
    id: &str,
    application: &Application,
) -> Result<String, Refusal> {
    if request.text("PaymentType") != CARD {
        return Err(Refusal("Неверное значение поля PaymentType"));
    }
    if !application.asked_for || !application.may_be_paid() {
        return Err(Refusal("Полис не оформлен, счёт не может быть выставлен"));
    }
    let selected =
        products::selected(&request.body).ok_or(Refusal("Неверное значение поля AddProductList"))?;
    let extra = this.company.selected(application.risk, application.price.pooled, &selected)?;
    let order = Order::new(id, application, extra, None);
    let amount = order.amount;
    let from = 600_000_000 + exchange.draws().below("bill", 100_000_000);
    let isn = this.company.book.bill(order, from, |number| number.to_string());
    let isn = isn.ok_or(Refusal("Договор уже оплачен"))?;
    let number = exchange.attempt + 1;
    Ok(format!("<BillISN>{isn}</BillISN><BillNum>{number}</BillNum><BillSum>{amount}</BillSum>"))
}

pub(super) async fn online(this: &Insurer, request: &Request) -> HttpResponse {
    let isn = request.text("BillISN");
    let order = this.company.book.order(isn);
    let exchange = Exchange::take(&this.company, &CREATE_ONLINE_BILL, order.as_ref().map(|it| it.risk));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let refusal = match order {
        None => Some("Счёт не найден"),
        Some(_) if !request.text("Email").contains('@') => {
            Some("Не заполнено обязательное поле Client.Email")
        }
        Some(order) if !order.is_open() => Some("Счёт уже оплачен или аннулирован"),
        Some(_) if exchange.link_fails() => Some("Сервис оплаты временно не отвечает"),
        Some(_) => None,
    };
    let (outcome, reply) = match refusal {
        Some(reason) => (Outcome::Rejected, request.refusal(REFUSED, reason)),
        None => {
            let data = format!("<PayURL>{}</PayURL>", this.company.payment_page(isn));
            (Outcome::Answered, request.success(&data))
        }
    };
    exchange.answer(outcome, reply).await
}

pub(super) async fn get(this: &Insurer, request: &Request) -> HttpResponse {
    let order = this.company.book.order(request.text("BillISN"));
    let exchange = Exchange::take(&this.company, &GET_BILL, order.as_ref().map(|it| it.risk));
    let Some(order) = order else {
        return exchange.answer(Outcome::Rejected, request.refusal(REFUSED, "Счёт не найден")).await;
    };
    let (outcome, paid, status) = match order.payment(exchange.knobs()) {
        Payment::Nothing => (Outcome::Pending, 0, "Выставлен"),
        Payment::Held => (Outcome::Pending, 1, "В обработке"),
        Payment::Paid => (Outcome::Answered, 2, "В банке"),
        Payment::Cancelled => (Outcome::Declined, 0, "Аннулирован"),
    };
    let data = format!("<Bill><Paid>{paid}</Paid><Status>{status}</Status></Bill>");
    exchange.answer(outcome, request.success(&data)).await
}
