//! The body of `POST /osago/offer`.

use utoipa::{
    ToSchema,
    openapi::{
        Object,
        schema::{SchemaType, Type},
    },
};
use uuid::Uuid;

use super::ReturnUrls;
use crate::partner::fields::Fields;

/// The user takes this offer, with these cross-sales.
#[derive(ToSchema)]
pub struct OfferConfirmation {
    /// The calculation.
    pub request_id: Uuid,
    /// The offer of it.
    pub offer_id: String,
    /// Where the payment page sends the user back to; without them, the calculation's own.
    pub return_urls: Option<ReturnUrls>,
    /// The selected cross-sales; none where absent.
    #[schema(required = false, inline)]
    pub upsales: Vec<SelectedUpsale>,
}

/// One selected cross-sale.
#[derive(ToSchema)]
pub struct SelectedUpsale {
    /// The cross-sale.
    pub upsale_id: String,
    /// The option of it: its number, or the digits of that in a string.
    #[schema(schema_with = string_or_integer)]
    pub option_id: i64,
}

// === impl OfferConfirmation ===

impl OfferConfirmation {
    /// Reads the whole body.
    pub fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            request_id: fields.uuid("request_id"),
            offer_id: fields.text("offer_id"),
            return_urls: fields.optional_object("return_urls", ReturnUrls::read),
            upsales: fields.optional_list("upsales", SelectedUpsale::read),
        }
    }
}

// === impl SelectedUpsale ===

impl SelectedUpsale {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { upsale_id: fields.text("upsale_id"), option_id: fields.id_number("option_id") }
    }
}

fn string_or_integer() -> Object {
    let mut option = Object::new();
    option.schema_type = SchemaType::Array(vec![Type::String, Type::Integer]);
    option.description = Some("The option of it: its number, or the digits of that in a string.".to_owned());
    option
}
