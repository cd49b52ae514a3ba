//! `GET /replicas`: who is there, since when, who does the chores, and whose calculations are whose.

use actix_web::{
    HttpResponse, get,
    web::{Data, ServiceConfig},
};
use serde_json::{Value, json};

use super::{Answer, Refusal};
use crate::{calculation::Calculations, store::ReplicaSeen};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(replicas);
}

/// The replicas that are there, as the store has them, and those that went in the last day. A gateway that is alone on its
/// store names nobody.
#[get("/replicas")]
async fn replicas(calculations: Data<Calculations>) -> Answer {
    let store = &calculations.services().store;
    let cluster = store.cluster();
    let seen = store.replicas().await.map_err(Refusal::failed)?;
    let standing = cluster.standing();
    Ok(HttpResponse::Ok().json(json!({
        "me": cluster.me().map(|me| me.to_string()),
        "here": standing.replicas,
        "silent": standing.silent,
        "in_touch": standing.in_touch,
        "takeovers": cluster.work().borrow().replicas,
        "replicas": seen.iter().map(replica).collect::<Vec<_>>(),
    })))
}

fn replica(seen: &ReplicaSeen) -> Value {
    let ReplicaSeen { row, gone, heir, unfinished, calculations } = seen;
    json!({
        "id": row.id.to_string(),
        "address": row.address,
        "since": row.since,
        "beat": row.beat,
        "state": row.presence.name(),
        "chores": row.does_chores,
        "gone": gone,
        "heir": heir.map(|heir| heir.to_string()),
        "unfinished": unfinished,
        "calculations": calculations,
    })
}
