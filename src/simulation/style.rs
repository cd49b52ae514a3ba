//! How the simulated insurers want to be spoken to: one adapter for each way that the driver treats differently.

use std::sync::LazyLock;

use veer_contract::{
    Adapter, Auth, Call, Effect, Erased, ErasedFlow, Lane, Manifest, Method, Reply,
    call::Body,
    operation::{Confirm, Finalise, Login, PaymentStatus, Policies, Quote},
    slot,
};

use super::{quoting::Quoting, selling::Selling};

/// How an application leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Applies {
    /// There is none: a price is only asked for.
    Reads,
    /// With a key.
    Keyed,
    /// It makes something.
    Creates,
}

/// How an insurer wants to be spoken to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub code: &'static str,
    pub applies: Applies,
    /// Calls need a session.
    pub session: bool,
    /// That a session is over is said inside a 200.
    pub soft_session: bool,
    /// What became of an application can be asked.
    pub recovers: bool,
    /// A price is asked for by two calls at once, one of them optional.
    pub twins: bool,
    /// There is a final price, and offers are sold.
    pub sells: bool,
}

const PLAIN: Style = Style {
    code: "",
    applies: Applies::Reads,
    session: false,
    soft_session: false,
    recovers: false,
    twins: false,
    sells: false,
};

/// Every one.
pub(super) const STYLES: [Style; 5] = [
    Style { code: "quick", ..PLAIN },
    Style { code: "whole", applies: Applies::Creates, session: true, recovers: true, sells: true, ..PLAIN },
    Style { code: "blind", applies: Applies::Creates, sells: true, ..PLAIN },
    Style { code: "keyed", applies: Applies::Keyed, session: true, soft_session: true, ..PLAIN },
    Style { code: "twins", twins: true, session: true, ..PLAIN },
];

/// Their adapters.
pub(super) static ADAPTERS: LazyLock<Vec<&'static dyn Adapter>> = LazyLock::new(|| {
    STYLES.iter().map(|style| Box::leak(Box::new(Played::new(*style))) as &dyn Adapter).collect()
});

struct Played {
    style: Style,
    manifest: Manifest,
    quote: Erased<Quoting, Quote>,
    login: Erased<Selling, Login>,
    finalise: Erased<Selling, Finalise>,
    confirm: Erased<Selling, Confirm>,
    payment: Erased<Selling, PaymentStatus>,
    policy: Erased<Selling, Policies>,
}

// === impl Style ===

impl Style {
    /// A call of this insurer's: where to, with what.
    pub(super) fn call(&self, tag: &str, lane: Lane, effect: Effect, body: &serde_json::Value) -> Call {
        let call = Call::new(tag, lane, effect, Method::Post, tag).with_body(Body::Json(body.to_string()));
        if self.session && lane != Lane::Session {
            call.with_auth(Auth::Session).with_header("x-session", slot::session())
        } else {
            call
        }
    }

    fn manifest(&self) -> String {
        let mut operations = vec!["quote"];
        if self.session {
            operations.push("login");
        }
        if self.sells {
            operations.extend(["finalise", "confirm", "payment_status", "policy"]);
        }
        let lane = |name: &str| {
            format!(
                "[lanes.{name}]\nconcurrent = 8\nfirst_byte = \"4s\"\ntotal = \"6s\"\nuseful = \"500ms\"\n"
            )
        };
        let lanes: String = ["session", "create", "poll", "payment", "document"].map(lane).concat();
        let Self { code, .. } = self;
        format!(
            "contract = 1\ncode = \"{code}\"\npartner_code = 1\nname = \"{code}\"\nprotocol = \"none\"\n\
             operations = {operations:?}\nvehicles = \"names\"\n[scope]\ncategories = [\"B\"]\npurposes = [\"personal\"]\n[session]\nseconds = 60\n{lanes}"
        )
    }
}

// === impl Played ===

impl Played {
    fn new(style: Style) -> Self {
        Self {
            style,
            manifest: toml::from_str(&style.manifest()).unwrap(),
            quote: Erased::new(Quoting(style)),
            login: Erased::new(Selling(style)),
            finalise: Erased::new(Selling(style)),
            confirm: Erased::new(Selling(style)),
            payment: Erased::new(Selling(style)),
            policy: Erased::new(Selling(style)),
        }
    }
}

impl Adapter for Played {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn quote(&self) -> Option<&dyn ErasedFlow<Quote>> {
        Some(&self.quote)
    }

    fn login(&self) -> Option<&dyn ErasedFlow<Login>> {
        self.style.session.then_some(&self.login as _)
    }

    fn finalise(&self) -> Option<&dyn ErasedFlow<Finalise>> {
        self.style.sells.then_some(&self.finalise as _)
    }

    fn confirm(&self) -> Option<&dyn ErasedFlow<Confirm>> {
        self.style.sells.then_some(&self.confirm as _)
    }

    fn payment_status(&self) -> Option<&dyn ErasedFlow<PaymentStatus>> {
        self.style.sells.then_some(&self.payment as _)
    }

    fn policy(&self) -> Option<&dyn ErasedFlow<Policies>> {
        self.style.sells.then_some(&self.policy as _)
    }

    fn session_expired(&self, reply: &Reply) -> bool {
        self.style.soft_session && reply.text().contains("\"session\"")
    }
}
