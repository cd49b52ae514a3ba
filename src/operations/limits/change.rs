//! Changes, by operators.

use actix_web::{
    HttpRequest, HttpResponse, delete, post, put,
    web::{Bytes, Data, Path, ServiceConfig},
};

use super::{COMMAND, Operators, THROUGH};
use crate::{
    config,
    operations::{Answer, asked::Body, refusal::Refusal},
    tuning::{Changed, KnobPath, Through, Tuning, Who},
};

type Received = Result<Bytes, actix_web::Error>;

/// Wires the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(set).service(set_of_lane);
    config.service(override_it).service(override_of_lane);
    config.service(end).service(end_of_lane);
}

/// What all of them work with.
struct Desk<'r> {
    tuning: &'r Tuning,
    operators: &'r Operators,
    request: &'r HttpRequest,
    knob: (String, Option<String>, String),
}

#[put("/limits/{insurer}/{knob}")]
async fn set(
    tuning: Data<Tuning>,
    operators: Data<Operators>,
    request: HttpRequest,
    knob: Path<(String, String)>,
    body: Received,
) -> Answer {
    Desk::whole(&tuning, &operators, &request, knob).set(body).await
}

#[put("/limits/{insurer}/{lane}/{knob}")]
async fn set_of_lane(
    tuning: Data<Tuning>,
    operators: Data<Operators>,
    request: HttpRequest,
    knob: Path<(String, String, String)>,
    body: Received,
) -> Answer {
    Desk::of_lane(&tuning, &operators, &request, knob).set(body).await
}

#[post("/limits/{insurer}/{knob}/override")]
async fn override_it(
    tuning: Data<Tuning>,
    operators: Data<Operators>,
    request: HttpRequest,
    knob: Path<(String, String)>,
    body: Received,
) -> Answer {
    Desk::whole(&tuning, &operators, &request, knob).override_for(body).await
}

#[post("/limits/{insurer}/{lane}/{knob}/override")]
async fn override_of_lane(
    tuning: Data<Tuning>,
    operators: Data<Operators>,
    request: HttpRequest,
    knob: Path<(String, String, String)>,
    body: Received,
) -> Answer {
    Desk::of_lane(&tuning, &operators, &request, knob).override_for(body).await
}

#[delete("/limits/{insurer}/{knob}/override")]
async fn end(
    tuning: Data<Tuning>,
    operators: Data<Operators>,
    request: HttpRequest,
    knob: Path<(String, String)>,
    body: Received,
) -> Answer {
    Desk::whole(&tuning, &operators, &request, knob).end(body).await
}

#[delete("/limits/{insurer}/{lane}/{knob}/override")]
async fn end_of_lane(
    tuning: Data<Tuning>,
    operators: Data<Operators>,
    request: HttpRequest,
    knob: Path<(String, String, String)>,
    body: Received,
) -> Answer {
    Desk::of_lane(&tuning, &operators, &request, knob).end(body).await
}

// === impl Desk ===

impl<'r> Desk<'r> {
    fn whole(
        tuning: &'r Data<Tuning>,
        operators: &'r Data<Operators>,
        request: &'r HttpRequest,
        knob: Path<(String, String)>,
    ) -> Self {
        let (insurer, knob) = knob.into_inner();
        Self { tuning, operators, request, knob: (insurer, None, knob) }
    }

    fn of_lane(
        tuning: &'r Data<Tuning>,
        operators: &'r Data<Operators>,
        request: &'r HttpRequest,
        knob: Path<(String, String, String)>,
    ) -> Self {
        let (insurer, lane, knob) = knob.into_inner();
        Self { tuning, operators, request, knob: (insurer, Some(lane), knob) }
    }

    async fn set(self, body: Received) -> Answer {
        let (path, mut body, who) = self.asked(body, &["value", "reason"])?;
        let value = body.needed("value")?;
        told(self.tuning.set(path, &value, who?).await?)
    }

    async fn override_for(self, body: Received) -> Answer {
        let (path, mut body, who) = self.asked(body, &["value", "for", "reason"])?;
        let (value, time) = (body.needed("value")?, body.needed("for")?);
        let time = config::duration(&time).map_err(|rule| Refusal::wrong(format!("`for`: {rule}")))?;
        told(self.tuning.override_for(path, &value, time, who?).await?)
    }

    async fn end(self, body: Received) -> Answer {
        let (path, _, who) = self.asked(body, &["reason"])?;
        told(self.tuning.end(path, who?).await?)
    }

    /// The knob, the body's other fields, and who asks; a missing reason is told after what is asked for.
    fn asked(
        &self,
        body: Received,
        known: &[&str],
    ) -> Result<(KnobPath, Body, Result<Who, Refusal>), Refusal> {
        let author = self.operators.author(self.request)?;
        let (insurer, lane, knob) = &self.knob;
        let path = self.tuning.find(insurer, lane.as_deref(), knob)?;
        let mut body = Body::read(self.request, body, known)?;
        let who = body.needed("reason").and_then(one_line).map(|reason| Who {
            author,
            reason,
            through: self.through(),
        });
        Ok((path, body, who))
    }

    fn through(&self) -> Through {
        let said = self.request.headers().get(THROUGH);
        if said.is_some_and(|said| said == COMMAND) { Through::Command } else { Through::Http }
    }
}

fn told(changed: Changed) -> Answer {
    Ok(HttpResponse::Ok().json(changed))
}

/// A reason stands in logs and tables.
fn one_line(reason: String) -> Result<String, Refusal> {
    if reason.chars().any(char::is_control) {
        return Err(Refusal::wrong("`reason` must be one line of text".to_owned()));
    }
    Ok(reason)
}
