//! People.

use minijinja::Value;
use veer_contract::domain::{AddressKind, Licence, Person, PersonName};

use super::{View, address, date};
use crate::{shape::Shape, value::Absent};

/// A person; `at` is the partner's name of the role.
pub(super) fn view(person: &Person, at: &str) -> Value {
    let field = |name: &str| format!("{at}.{name}");
    let mut view = View::default();
    name(&mut view, &person.name, at);
    view.put("full_name", person.name.full());
    view.put("birth_date", date(*person.birth_date.reveal()));
    let contact = person.contact.as_ref();
    view.optional("phone", contact.map(|contact| &contact.phone), &field("contact"));
    view.optional("email", contact.map(|contact| &contact.email), &field("contact"));
    view.put("licence", licence(person.licence.as_ref(), &field("license")));
    view.put("foreign_licence", licence(person.foreign_licence.as_ref(), &field("foreign_license")));
    view.put("any_licence", licence(person.any_licence(), &field("license")));
    let previous = person.previous_licence.as_ref();
    let previous = previous.map(|previous| {
        let mut view = View::default();
        let at = field("previous_license");
        name(&mut view, &previous.name, &at);
        put_licence(&mut view, &previous.licence);
        view.finish()
    });
    view.put("previous_licence", previous.unwrap_or_else(|| Absent::field(field("previous_license"))));
    view.put("passport", passport(person, at));
    view.put("registration", address::view(person.registration(), &field("addresses")));
    let residence = person.addresses.iter().find(|address| address.kind == AddressKind::Residence);
    view.put("residence", address::view(residence, &field("addresses")));
    view.finish()
}

/// The shape of [`view`].
pub(super) fn shape() -> Shape {
    let licence = [("series", Shape::Text), ("number", Shape::Text), ("date", Shape::Text)];
    let name = [("last", Shape::Text), ("first", Shape::Text), ("middle", Shape::Text.maybe())];
    let previous = name.clone().into_iter().chain(licence.clone());
    let passport = [
        ("series", Shape::Text),
        ("number", Shape::Text),
        ("issued_on", Shape::Text),
        ("issuer", Shape::Text.maybe()),
        ("subdivision", Shape::Text.maybe()),
    ];
    let a_licence = || Shape::parts("licence", licence.clone()).maybe();
    let own = [
        ("full_name", Shape::Text),
        ("birth_date", Shape::Text),
        ("phone", Shape::Text.maybe()),
        ("email", Shape::Text.maybe()),
        ("licence", a_licence()),
        ("foreign_licence", a_licence()),
        ("any_licence", a_licence()),
        ("previous_licence", Shape::parts("licence", previous).maybe()),
        ("passport", Shape::parts("passport", passport).maybe()),
        ("registration", address::shape()),
        ("residence", address::shape()),
    ];
    Shape::parts("person", name.into_iter().chain(own))
}

fn name(view: &mut View, name: &PersonName, at: &str) {
    view.put("last", name.last.as_str());
    view.put("first", name.first.as_str());
    view.optional("middle", name.middle.as_ref(), &format!("{at}.middle_name"));
}

fn licence(licence: Option<&Licence>, field: &str) -> Value {
    let Some(licence) = licence else { return Absent::field(field) };
    let mut view = View::default();
    put_licence(&mut view, licence);
    view.finish()
}

fn put_licence(view: &mut View, licence: &Licence) {
    view.put("series", licence.series.as_str());
    view.put("number", licence.number.as_str());
    view.put("date", date(*licence.date.reveal()));
}

fn passport(person: &Person, at: &str) -> Value {
    let field = format!("{at}.passport");
    let Some(passport) = &person.passport else { return Absent::field(field) };
    let mut view = View::default();
    view.put("series", passport.series.as_str());
    view.put("number", passport.number.as_str());
    view.put("issued_on", date(*passport.issued_on.reveal()));
    view.optional("issuer", passport.issuer.as_ref(), &format!("{field}.issuer"));
    view.optional("subdivision", passport.subdivision.as_ref(), &format!("{field}.subdivision"));
    view.finish()
}
