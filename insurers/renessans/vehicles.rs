//! The dictionary: one call, makes with their models, whose names are the codes.

use veer_contract::{
    AskOnce, Call, Context, Effect, Fault, Lane, Method, Reply, create_then_poll::Refusal,
    domain::InsurerVehicle, operation::Vehicles, slot,
};

use super::reply::Answer;
use crate::dictionary::{self, Rows};

/// Reads the dictionary.
pub(super) struct Dictionary;

// === impl Dictionary ===

impl AskOnce<Vehicles> for Dictionary {
    fn ask(&self, (): &(), cx: &Context<'_>) -> Result<Call, Refusal> {
        let path = cx.settings.get("cars_path").trim().trim_start_matches('/');
        if path.is_empty() {
            let detail =
                "the setting `cars_path` is empty: set it to where the insurer serves its dictionary";
            return Err(Fault::not_understood(detail).into());
        }
        Ok(Call::new("cars", Lane::Dictionary, Effect::Read, Method::Get, path)
            .with_query("key", slot::secret("key")))
    }

    fn answered(&self, (): &(), reply: &Reply, _cx: &Context<'_>) -> Result<Vec<InsurerVehicle>, Refusal> {
        let answer = Answer::read(reply).map_err(dictionary::failure)?;
        let mut rows = Rows::default();
        for make in answer.data().items() {
            let brand = make.get("make").text().unwrap_or_default();
            for model in make.get("models").items() {
                let told = dictionary::category(&model.get("category").text().unwrap_or_default());
                let vehicle = InsurerVehicle {
                    brand: brand.clone().into_owned(),
                    model: model.get("model").text().unwrap_or_default().into_owned(),
                    ..InsurerVehicle::default()
                };
                rows.add(told, vehicle);
            }
        }
        Ok(rows.whole("the dictionary")?)
    }
}
