//! A step's call and its body.

use std::collections::BTreeSet;

use veer_contract::{Auth, Lane, Method};

use super::step::Site;
use crate::{
    engine::Place,
    model::{BodySpec, CallSpec, EffectSpec, FormPart, Pair, Template},
    problem::nearest,
    shape::{Names, Shape},
    sheet::Placed,
    table::{Item, Table},
};

const AUTHS: [&str; 6] = ["none", "basic", "digest", "session", "bearer", "signed"];
const METHODS: [Method; 4] = [Method::Get, Method::Post, Method::Put, Method::Delete];
const XML: &str = "text/xml; charset=utf-8";

impl Site<'_, '_> {
    /// The call, where the step has one; its body's keys are looked for in any case.
    pub(super) fn call(&mut self, step: &Table<'_>, names: &Names) -> Option<CallSpec> {
        let item = step.get("call");
        let body = self.body(step, names);
        let Some(table) = item.and_then(|item| item.table("the call")) else {
            if !matches!(body, BodySpec::Empty) {
                step.problem("a body without a call", Some("write `call = { … }` in the step".into()));
            }
            return None;
        };
        let lane = table.need("lane", "\"create\"").and_then(|item| self.lane(&item));
        let effect = table.need("effect", "\"read\"").and_then(|item| self.effect(&item, names));
        let method = table.need("method", "\"POST\"").and_then(|item| method(&item));
        let path = table.need("path", "\"…\"").and_then(|item| self.path(&item, names));
        let query = self.pairs(table.get("query"), "query", Place::Text, names);
        let mut headers = self.pairs(table.get("headers"), "headers", Place::Header, names);
        let auth = self.auth(table.get("auth"), &mut headers);
        let accept = table.get("accept").map(|item| statuses(&item)).unwrap_or_default();
        let optional = table.truth("optional").unwrap_or_default();
        let found = (|| {
            let (path, in_path) = path?;
            let (lane, effect, method) = (lane?, effect?, method?);
            if method == Method::Get && !matches!(body, BodySpec::Empty) {
                table.problem(
                    "GET sends no body",
                    Some("write `method = \"POST\"`, or leave the body out".into()),
                );
            }
            Some(CallSpec {
                lane,
                effect,
                method,
                path,
                in_path,
                query,
                headers,
                auth,
                accept,
                optional,
                body,
            })
        })();
        table.finish();
        found
    }

    fn lane(&self, item: &Item<'_>) -> Option<Lane> {
        let placed = item.text()?;
        let Some(lane) = Lane::ALL.into_iter().find(|lane| lane.name() == placed.text) else {
            let what = format!("there is no lane `{}`", crate::table::short(&placed.text));
            placed.problem(what, nearest(&placed.text, Lane::ALL.map(Lane::name)));
            return None;
        };
        if self.compiler.manifest.is_some_and(|manifest| !manifest.lanes.contains_key(&lane)) {
            let what = format!("the manifest has no lane `{lane}`");
            placed.problem(what, Some(format!("write `[lanes.{lane}]` with its limits there")));
        }
        Some(lane)
    }

    fn effect(&mut self, item: &Item<'_>, names: &Names) -> Option<EffectSpec> {
        if item.is_table() {
            let table = item.table("the effect")?;
            let key = table.need("keyed", "\"{{ ids.request }}\"").and_then(|item| item.text());
            table.finish();
            return Some(EffectSpec::Keyed(self.template(&key?, "call.effect", Place::Text, names)?));
        }
        let placed = item.text()?;
        match placed.text.as_str() {
            "read" => Some(EffectSpec::Read),
            "creates" => Some(EffectSpec::Creates),
            other => {
                let instead = nearest(other, ["read", "creates", "{ keyed = \"…\" }"]);
                placed.problem("an effect says what the host may repeat", instead);
                None
            }
        }
    }

    fn path(&mut self, item: &Item<'_>, names: &Names) -> Option<(Template, BTreeSet<String>)> {
        let placed = item.text()?;
        let (template, uses) = self.compiler.template(&placed, &self.at("call.path"), Place::Path, names)?;
        self.uses.add(&uses);
        Some((template, uses.parts))
    }

    fn pairs(&mut self, item: Option<Item<'_>>, key: &str, stands: Place, names: &Names) -> Vec<Pair> {
        let Some(table) = item.and_then(|item| item.table(&format!("`{key}`"))) else { return Vec::new() };
        let mut pairs = Vec::new();
        for (name, item) in table.entries() {
            let place = format!("call.{key}.{}", name.text);
            if stands == Place::Header && !is_header(&name.text) {
                name.problem("a header's name has letters, digits and `-`", None);
            }
            let (condition, value) = match item.is_table() {
                true => {
                    let Some(inside) = item.table(&format!("`{}`", name.text)) else { continue };
                    let condition = inside.need("if", "\"…\"");
                    let condition = self.condition(condition, &place, names);
                    let value = inside.need("value", "\"…\"").and_then(|item| item.text());
                    inside.finish();
                    (condition, value)
                }
                false => (None, item.text()),
            };
            let Some(value) = value.and_then(|value| self.template(&value, &place, stands, names)) else {
                continue;
            };
            pairs.push(Pair { name: name.text, condition, value });
        }
        pairs
    }

    fn auth(&mut self, item: Option<Item<'_>>, headers: &mut Vec<Pair>) -> Auth {
        let Some((placed, item)) = item.and_then(|item| Some((item.text()?, item))) else {
            return Auth::None;
        };
        let manifest = self.compiler.manifest;
        let needs_setting = |name: &str| {
            if manifest.is_some_and(|manifest| !manifest.settings.contains_key(name)) {
                let instead = format!("write `[settings.{name}]` there");
                placed.problem(format!("the manifest has no setting `{name}`"), Some(instead));
            }
        };
        match placed.text.as_str() {
            "none" => Auth::None,
            "basic" | "digest" => {
                needs_setting("user");
                needs_setting("password");
                if placed.text == "basic" { Auth::Basic } else { Auth::Digest }
            }
            "session" | "bearer" => {
                if !self.compiler.has_login || self.kind == veer_contract::OperationKind::Login {
                    placed.problem("there is no session to take", Some("describe `[[login.step]]`".into()));
                }
                if placed.text == "bearer" {
                    headers.extend(self.bearer(&item));
                }
                Auth::Session
            }
            "signed" => {
                if manifest.is_some_and(|manifest| manifest.signature.is_none()) {
                    let instead = "write `[signature]` there";
                    placed.problem("the manifest does not say how bodies are signed", Some(instead.into()));
                }
                Auth::Signed
            }
            other => {
                placed.problem("this is no way to prove who asks", nearest(other, AUTHS));
                Auth::None
            }
        }
    }

    /// The header that `auth = "bearer"` stands for.
    fn bearer(&mut self, item: &Item<'_>) -> Option<Pair> {
        self.uses.roots.insert("session".into());
        let source = "Bearer {{ session }}".to_owned();
        match self.compiler.templates.borrow_mut().add(Place::Header, source) {
            Ok(name) => {
                let value = Template { place: self.at("call.auth"), stands: Place::Header, name };
                Some(Pair { name: "Authorization".into(), condition: None, value })
            }
            Err(_) => {
                item.problem("the engine does not take this", None);
                None
            }
        }
    }

    fn body(&mut self, step: &Table<'_>, names: &Names) -> BodySpec {
        let (json, xml, form) = (step.get("json"), step.get("xml"), step.get("form"));
        let content_type = step.text("content_type");
        if let Some(placed) = content_type.as_ref().filter(|_| xml.is_none()) {
            placed.problem("`content_type` is about a body in `xml`", None);
        }
        if let Some(second) = [&json, &xml, &form].into_iter().flatten().nth(1) {
            second.problem("a call has one body", Some("leave all but one out".into()));
        }
        if let Some(placed) = json.and_then(|item| item.text()) {
            return self
                .template(&placed, "json", Place::Json, names)
                .map_or(BodySpec::Empty, BodySpec::Json);
        }
        if let Some(placed) = xml.and_then(|item| item.text()) {
            let content_type = content_type.map_or_else(|| XML.to_owned(), |placed| placed.text);
            return match self.template(&placed, "xml", Place::Xml, names) {
                Some(text) => BodySpec::Xml { content_type, text },
                None => BodySpec::Empty,
            };
        }
        match form.and_then(|item| item.list()) {
            Some(items) => {
                BodySpec::Form(items.iter().filter_map(|item| self.form_part(item, names)).collect())
            }
            None => BodySpec::Empty,
        }
    }

    fn form_part(&mut self, item: &Item<'_>, names: &Names) -> Option<FormPart> {
        if !item.is_table() {
            let fields = self.field(item, names).into_iter().collect();
            return Some(FormPart { condition: None, each: None, fields });
        }
        let table = item.table("the group of fields")?;
        let condition = self.condition(table.get("if"), "form.if", names);
        let mut inside = names.clone();
        let each = table.text("each").and_then(|placed| self.expression(&placed, "form.each", names));
        if let Some((_, shape)) = &each {
            let of = match shape.sure() {
                Shape::List(of) => of.as_ref().clone(),
                _ => Shape::Any,
            };
            for (name, shape) in [("item", of), ("index", Shape::Number)] {
                inside.elsewhere.remove(name);
                inside.known.insert(name, shape);
            }
        }
        let fields = table.need("fields", "[[\"name\", \"value\"]]").and_then(|item| item.list());
        let fields = fields.unwrap_or_default();
        let fields = fields.iter().filter_map(|item| self.field(item, &inside)).collect();
        table.finish();
        Some(FormPart { condition, each: each.map(|(expr, _)| expr), fields })
    }

    fn field(&mut self, item: &Item<'_>, names: &Names) -> Option<(Template, Template)> {
        let texts: Vec<Placed<'_>> = item.list()?.iter().filter_map(Item::text).collect();
        let [name, value] = texts.as_slice() else {
            let instead = Some("write `[\"name\", \"{{ value }}\"]`".into());
            item.problem("a field is a pair of a name and a template", instead);
            return None;
        };
        let key = format!("form.{}", crate::table::short(&name.text));
        let name = self.template(name, &key, Place::Text, names);
        let value = self.template(value, &key, Place::Text, names);
        Some((name?, value?))
    }
}

fn method(item: &Item<'_>) -> Option<Method> {
    let placed = item.text()?;
    let found = METHODS.into_iter().find(|method| method.as_str() == placed.text);
    if found.is_none() {
        placed.problem("this is no method", nearest(&placed.text, METHODS.map(Method::as_str)));
    }
    found
}

fn statuses(item: &Item<'_>) -> Vec<u16> {
    let mut found = Vec::new();
    for item in item.list().unwrap_or_default() {
        match item.number().map(u16::try_from) {
            Some(Ok(status)) if (300..600).contains(&status) => found.push(status),
            Some(_) => item.problem(
                "a status that is accepted is 300 to 599",
                Some("leave it out: 200 to 299 are accepted in any case".into()),
            ),
            None => {}
        }
    }
    found
}

fn is_header(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 100
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
