//! The names that expressions see, by operation and by place.

use std::collections::BTreeMap;

use veer_contract::OperationKind;

use super::Compiler;
use crate::{
    shape::{Names, Shape},
    view,
};

/// Headers of every reply that the host hands over.
const HEADERS: [&str; 3] = ["content-type", "location", "retry-after"];
const NO_REPLY: &str = "there is a reply only after the step's own call";
const NO_SECRET: &str = "secrets stand in the templates of a call, and nowhere else";
const NOT_IN_THIS: &str = "this operation has none";

impl Compiler<'_> {
    /// What every place of an operation sees.
    pub(super) fn of_an_operation(&self, kind: OperationKind, ids: &[String]) -> Names {
        use OperationKind as K;
        let mut names = Names::default();
        let known = &mut names.known;
        known.insert("settings", self.settings(false, Shape::Text));
        known.insert("today", Shape::Text);
        known.insert("ids", Shape::parts("ids", ids.iter().map(|id| (id.as_str(), Shape::Text))));
        let about_a_request = !matches!(kind, K::Login | K::Vehicles | K::VehicleInfo);
        if about_a_request {
            known.insert("request", view::request_shape());
            known.insert("vehicle", view::codes_shape());
        }
        if about_a_request && kind != K::Quote {
            let references = self.references.iter().map(|name| (name.as_str(), Shape::Text.maybe()));
            known.insert("offer", Shape::parts("offer", references));
        }
        if kind == K::Confirm {
            known.insert("selected", view::selected_shape());
            known.insert("return_urls", view::return_urls_shape());
        }
        if kind == K::VehicleInfo {
            known.insert("query", view::query_shape());
        }
        let elsewhere = &mut names.elsewhere;
        for name in ["request", "vehicle", "offer", "selected", "return_urls", "query"] {
            if !names.known.contains_key(name) {
                elsewhere.insert(name, NOT_IN_THIS);
            }
        }
        for name in ["secret", "session", "callback_url"] {
            elsewhere.insert(name, NO_SECRET);
        }
        elsewhere.insert("reply", NO_REPLY);
        elsewhere.insert("company", "it is there in steps with `each = \"company\"`");
        elsewhere.insert("item", "it is there inside `each`");
        elsewhere.insert("index", "it is there inside `each` of a form");
        elsewhere.insert("inner", "it is there inside `inner`");
        names
    }

    /// The same in a call, with what the host fills in.
    pub(super) fn in_a_call(&self, kind: OperationKind, names: &Names) -> Names {
        let mut names = names.clone();
        let mut here = |name: &'static str, shape: Shape| {
            names.elsewhere.remove(name);
            names.known.insert(name, shape);
        };
        here("secret", self.settings(true, Shape::Slot));
        let has_session = self.manifest.is_none_or(|manifest| manifest.session.is_some());
        if self.has_login && has_session && kind != OperationKind::Login {
            here("session", Shape::Slot);
        } else {
            let why = match kind {
                OperationKind::Login => "`login` makes it",
                _ => "there is no `[login]`, or no [session] in the manifest",
            };
            names.elsewhere.insert("session", why);
        }
        if self.manifest.is_none_or(|manifest| manifest.callback.is_some()) {
            names.elsewhere.remove("callback_url");
            names.known.insert("callback_url", Shape::Slot);
        } else {
            names.elsewhere.insert("callback_url", "the manifest has no [callback]");
        }
        names
    }

    /// The same after a call.
    pub(super) fn after_a_call(&self, names: &Names) -> Names {
        let mut names = names.clone();
        names.elsewhere.remove("reply");
        names.known.insert("reply", self.reply(false));
        names
    }

    /// For the two conditions about any reply.
    pub(super) fn only_reply(&self) -> Names {
        Names { known: BTreeMap::from([("reply", self.reply(true))]), ..Names::default() }
    }

    fn reply(&self, with_form: bool) -> Shape {
        let more = self.manifest.map(|manifest| manifest.reply_headers.as_slice()).unwrap_or_default();
        let headers = HEADERS.into_iter().chain(more.iter().map(String::as_str));
        let headers = Shape::parts("reply.headers", headers.map(|name| (name, Shape::Text.maybe())));
        let parts =
            [("status", Shape::Number), ("headers", headers), ("json", Shape::Any), ("xml", Shape::Any)];
        let form = with_form.then_some(("form", Shape::Any));
        Shape::parts("reply", parts.into_iter().chain(form))
    }

    fn settings(&self, secret: bool, shape: Shape) -> Shape {
        let Some(manifest) = self.manifest else { return Shape::Any };
        let chosen = manifest.settings.iter().filter(|(_, setting)| setting.secret == secret);
        let what = if secret { "secret" } else { "settings" };
        Shape::parts(what, chosen.map(|(name, _)| (name.as_str(), shape.clone())))
    }
}
