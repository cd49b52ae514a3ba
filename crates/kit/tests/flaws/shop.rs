//! A small adapter, sound or with one flaw at a time.

use veer_contract::{
    Adapter, Body, Call, Callback, Context, Decline, Effect, Erased, ErasedFlow, Event, Fault, Flow, Lane,
    Manifest, Method, Reply, Step,
    domain::{Kopecks, Offer, OfferRef, Premium, QuoteRequest},
    operation::Quote,
};

/// What is wrong with the adapter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Flaw {
    None,
    /// It trusts the reply.
    Panics,
    /// It takes what is there for what is said.
    PanicsOnNull,
    /// It puts the VIN into a path.
    VinInPath,
    /// It puts what it was given into a path.
    PathLeadsOut,
    /// Its state is written in one shape and read in another.
    StateIsUnreadable,
    /// Its state is written without a part.
    StateForgets,
    /// It trusts that a field is there.
    TrustsAField,
    /// It says that it needs what is there.
    NeedsTheWrongField,
    /// It says that it needs what nobody knows.
    NeedsAnUnknownField,
    /// It starts anew where it does not understand.
    CreatesAgain,
    /// It repeats the reply in a fault.
    RepeatsTheReply,
    /// It puts the plate into a call's tag.
    PlateInTag,
    /// It asks for ever.
    NeverEnds,
    /// It refuses what it does not know.
    RefusesUnknownKeys,
    /// It sends again what it cannot know to be lost.
    RecoversByCreating,
    /// The same, after a wait.
    RecoversByCreatingLater,
    /// It waits where it should ask.
    RecoversNever,
    /// It trusts the insurer's own call.
    CallbackPanics,
    /// It repeats the insurer's own call in a fault.
    CallbackIsRepeated,
}

/// An insurer with that flaw.
pub struct Shop {
    pub flaw: Flaw,
    pub manifest: Manifest,
    pub quote: Erased<Asking, Quote>,
}

#[derive(Clone, Copy)]
pub struct Asking(pub Flaw);

#[derive(serde::Serialize, serde::Deserialize)]
pub enum State {
    Making {
        reference: String,
    },
    Lost {
        reference: String,
    },
    Finding {
        reference: String,
    },
    Called {
        reference: String,
        id: String,
    },
    Forgetful {
        #[serde(skip)]
        id: String,
    },
    Unreadable(Unreadable),
}

/// Written as a word and read as a number.
pub struct Unreadable;

impl serde::Serialize for Unreadable {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("word")
    }
}

impl<'de> serde::Deserialize<'de> for Unreadable {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u32::deserialize(deserializer).map(|_| Self)
    }
}

impl Asking {
    fn make(self, input: &QuoteRequest, reference: &str) -> Vec<Call> {
        let mut hint = "hint".to_owned();
        if self.0 == Flaw::PlateInTag {
            hint = format!("hint {}", input.vehicle.plate.as_ref().map_or("", |plate| plate.as_str()));
        }
        let body = format!("{{\"reference\": \"{reference}\", \"year\": {}}}", input.vehicle.year);
        vec![
            Call::new("make", Lane::Create, Effect::Creates, Method::Post, "make")
                .with_body(Body::Json(body)),
            Call::new(&hint, Lane::Poll, Effect::Read, Method::Get, self.hint_path(input)).optional(),
        ]
    }

    fn hint_path(self, input: &QuoteRequest) -> String {
        match self.0 {
            Flaw::VinInPath => format!("hint/{}", input.vehicle.vin.as_ref().map_or("", |vin| vin.as_str())),
            Flaw::PathLeadsOut => "../hint".into(),
            _ => "hint".into(),
        }
    }

    /// A decline where a field is missing that the adapter takes for needed.
    fn needs(self, input: &QuoteRequest) -> Option<Decline> {
        if self.0 == Flaw::TrustsAField {
            assert!(input.owner.name.middle.is_some(), "an adapter that trusts the request");
        }
        let field = match self.0 {
            Flaw::NeedsTheWrongField => "vehicle.vin",
            Flaw::NeedsAnUnknownField => "plate",
            _ => return None,
        };
        input.vehicle.plate.is_none().then(|| Decline::needs_field(field))
    }

    fn not_understood(self, input: &QuoteRequest, reference: String, reply: &Reply) -> Step<State, Offer> {
        match self.0 {
            Flaw::Panics => panic!("an adapter that trusts the reply"),
            Flaw::CreatesAgain => Step::calls(self.make(input, &reference), State::Making { reference }),
            Flaw::RepeatsTheReply => Step::fail(Fault::not_understood(reply.text())),
            Flaw::NeverEnds => Step::wait(std::time::Duration::from_secs(1), State::Making { reference }),
            _ => Step::fail(Fault::not_understood("no id")),
        }
    }
}

impl Flow<Quote> for Asking {
    type State = State;

    fn start(&self, input: &QuoteRequest, cx: &Context<'_>) -> Step<State, Offer> {
        if let Some(decline) = self.needs(input) {
            return Step::decline(decline);
        }
        let reference = (cx.new_id)();
        let calls = self.make(input, &reference);
        let unreadable = self.0 == Flaw::StateIsUnreadable;
        let state = if unreadable { State::Unreadable(Unreadable) } else { State::Making { reference } };
        Step::calls(calls, state)
    }

    fn resume(
        &self,
        input: &QuoteRequest,
        state: State,
        event: Event<'_>,
        _cx: &Context<'_>,
    ) -> Step<State, Offer> {
        match state {
            State::Lost { reference } if self.0 == Flaw::RecoversByCreatingLater => {
                Step::calls(self.make(input, &reference), State::Making { reference })
            }
            State::Lost { reference } if self.0 == Flaw::RecoversNever => {
                Step::wait(std::time::Duration::from_secs(1), State::Lost { reference })
            }
            State::Lost { reference } => {
                let call = Call::new("find", Lane::Poll, Effect::Read, Method::Get, "find");
                let call = call.with_query("reference", reference.as_str());
                Step::call(call, State::Finding { reference })
            }
            State::Making { reference } | State::Finding { reference } => {
                let Ok(reply) = event.reply("make").or(event.reply("find")) else {
                    return Step::wait(std::time::Duration::from_secs(1), State::Making { reference });
                };
                let value: Option<serde_json::Value> = reply.json().ok();
                let known = value.as_ref().and_then(|value| value.as_object()).map(|fields| fields.len());
                if self.0 == Flaw::RefusesUnknownKeys && known != Some(1) {
                    return Step::fail(Fault::not_understood("unknown keys"));
                }
                if self.0 == Flaw::PanicsOnNull && value.as_ref().is_some_and(|value| value["id"].is_null()) {
                    panic!("an adapter that takes null for a text");
                }
                if value.as_ref().is_some_and(|value| value["no"].as_bool() == Some(true)) {
                    return Step::decline(Decline::declined("нет"));
                }
                let id = value.as_ref().and_then(|value| value["id"].as_str());
                match id.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())) {
                    Some(id) => {
                        let id = id.to_owned();
                        let first = Offer::priced(
                            "one",
                            OfferRef::of("id", &id),
                            Premium::Preliminary(Kopecks::new(1)),
                        );
                        let correlation = format!("r-{reference}");
                        let state = match self.0 {
                            Flaw::StateForgets => State::Forgetful { id },
                            _ => State::Called { reference, id },
                        };
                        Step::wait_for_callback(correlation, state).emitting(first)
                    }
                    None => self.not_understood(input, reference, reply),
                }
            }
            State::Unreadable(Unreadable) => Step::fail(Fault::not_understood("never read")),
            State::Called { id, .. } | State::Forgetful { id } => {
                let Event::Callback(reply) = event else {
                    return Step::fail(Fault::not_understood("no call"));
                };
                match Kopecks::parse_roubles(&reply.text()) {
                    Ok(price) => {
                        Step::done(Offer::priced("one", OfferRef::of("id", id), Premium::Final(price)))
                    }
                    Err(error) => Step::fail(Fault::not_understood(error.to_string())),
                }
            }
        }
    }

    fn recover(&self, input: &QuoteRequest, state: State, _cx: &Context<'_>) -> Option<Step<State, Offer>> {
        let State::Making { reference } = state else { return None };
        if self.0 == Flaw::RecoversByCreating {
            return Some(Step::calls(self.make(input, &reference), State::Making { reference }));
        }
        Some(Step::wait(std::time::Duration::from_secs(1), State::Lost { reference }))
    }
}

/// The only thing that the shop's own calls carry.
#[derive(serde::Deserialize)]
struct News {
    reference: Option<String>,
}

impl Adapter for Shop {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn quote(&self) -> Option<&dyn ErasedFlow<Quote>> {
        Some(&self.quote)
    }

    fn callback(&self, received: &Reply) -> Result<Callback, Fault> {
        let news: News = received.json()?;
        match news.reference.filter(|reference| reference.is_ascii()) {
            Some(correlation) => Ok(Callback { correlation }),
            None if self.flaw == Flaw::CallbackPanics => panic!("an adapter that trusts the call"),
            None if self.flaw == Flaw::CallbackIsRepeated => Err(Fault::not_understood(received.text())),
            None => Err(Fault::not_understood("no reference")),
        }
    }
}
