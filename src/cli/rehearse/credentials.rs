//! Chapter: who may ask.

use uuid::Uuid;

use super::{
    ask::{Access, Ask},
    check,
    exchange::Exchange,
    fault::{Fault, Verdict},
    stage::Stage,
};
use crate::config::Secret;

pub(super) const TITLE: &str = "credentials";

/// The ways that were given on the command line.
#[derive(Debug, Clone)]
pub(super) struct Given {
    /// The token.
    pub bearer: Option<Access>,
    /// The client id and secret.
    pub basic: Option<Access>,
}

/// Plays it; why nothing else can be played, where nobody answers at all.
pub(super) async fn play(stage: &mut Stage, given: &Given) -> Result<(), String> {
    stage.chapter(TITLE);
    let unknown = Uuid::new_v4();
    let ask = || Ask::get("/osago/calculate").request_id(unknown);

    let knock = stage.client.send(ask().access(Access::Nobody)).await;
    if let Err(why) = &knock.answer {
        return Err(format!("nobody answers: {why}"));
    }
    stage.record("a GET without credentials is a 403", &knock, check::refusal(&knock, 403));

    let strangers = [
        ("a wrong token is a 403", Access::Bearer(made_up())),
        ("a wrong client id and secret is a 403", Access::Basic("nobody".into(), made_up())),
    ];
    for (name, access) in strangers {
        stage.ask(name, ask().access(access), |exchange| check::refusal(exchange, 403)).await;
    }
    if let Some(Access::Basic(id, _)) = &given.basic {
        let access = Access::Basic(id.clone(), made_up());
        let name = "the right client id with a wrong secret is a 403";
        stage.ask(name, ask().access(access), |exchange| check::refusal(exchange, 403)).await;
    }
    let post = Ask::post("/osago/calculate", "{}").access(Access::Nobody);
    stage.ask("a POST without credentials is a 403", post, |exchange| check::refusal(exchange, 403)).await;

    let ways = [
        ("the token opens", &given.bearer, "no --token was given"),
        ("the client id and secret open", &given.basic, "no --client-id and --client-secret were given"),
    ];
    for (name, access, missing) in ways {
        match access {
            Some(access) => drop(stage.ask(name, ask().access(access.clone()), opens).await),
            None => stage.skip(name, missing),
        }
    }
    Ok(())
}

/// An id that nobody knows is a 404 to those who may ask.
fn opens(exchange: &Exchange) -> Verdict {
    match exchange.status() {
        403 => vec![Fault::new("these credentials are refused (403)")].into(),
        _ => check::refusal(exchange, 404).into(),
    }
}

fn made_up() -> Secret {
    Secret::new(Uuid::new_v4().to_string())
}
