//! The partner API's description, generated from the code that serves it.
//!
//! The generator writes a Rust `Option` as "or null" and a Rust integer with its width. The contract knows
//! neither: what is not known is left out, and a number is a number. `Plain` puts that right in one place
//! instead of an attribute on every optional field.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        ComponentsBuilder, License, RefOr, Schema, SecurityRequirement,
        path::Parameter,
        schema::{ArrayItems, Object, SchemaType, Type},
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use super::{auto_info, calculate, dictionaries, offer, offer_files, wire};

/// The document, as `/openapi.json` shows it.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Partner::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    document.info.license = Some(License::new(env!("CARGO_PKG_LICENSE")));
    document
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Veer", description = "Offers of many insurers through one OSAGO partner API."),
    tags(
        (name = "dictionaries", description = "The unified vehicle dictionary"),
        (name = "osago", description = "Calculations and their offers"),
    ),
    paths(
        dictionaries::brands,
        dictionaries::models,
        dictionaries::years,
        dictionaries::powers,
        dictionaries::modifications,
        dictionaries::sync_all,
        auto_info::vehicle,
        calculate::create,
        calculate::calculation,
        calculate::status,
        offer::show,
        offer::confirm,
        offer_files::draft,
        offer_files::policy,
    ),
    components(schemas(wire::ValidationError<'static>, wire::Error<'static>, wire::FileFormat)),
    modifiers(&Credentials, &Plain),
)]
struct Partner;

/// The two ways to show credentials; either will do.
struct Credentials;

/// The contract's plain numbers and its absent instead of null.
struct Plain;

/// The one property that the contract lets be null.
const NULLABLE: &str = "is_reinsurance_pool";

// === impl Credentials ===

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(|| ComponentsBuilder::new().build());
        for (name, scheme) in [("bearer", HttpAuthScheme::Bearer), ("basic", HttpAuthScheme::Basic)] {
            components.add_security_scheme(name, SecurityScheme::Http(Http::new(scheme)));
        }
        let alone = |name| SecurityRequirement::new(name, Vec::<String>::new());
        document.security = Some(vec![alone("bearer"), alone("basic")]);
    }
}

// === impl Plain ===

impl Modify for Plain {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let schemas = document.components.iter_mut().flat_map(|components| components.schemas.values_mut());
        schemas.for_each(plain);
        let operations = document.paths.paths.values_mut().flat_map(|path| [&mut path.get, &mut path.post]);
        for parameter in operations.flatten().flat_map(|operation| operation.parameters.iter_mut().flatten())
        {
            if let RefOr::T(Parameter { schema: Some(schema), .. }) = parameter {
                plain(schema);
            }
        }
    }
}

fn plain(schema: &mut RefOr<Schema>) {
    if let RefOr::T(Schema::OneOf(either)) = schema {
        // Either null or something: something.
        either.items.retain(|item| !is_null(item));
        if let [only] = either.items.as_slice() {
            let mut only = only.clone();
            if let (RefOr::Ref(only), Some(description)) = (&mut only, &either.description) {
                only.description.clone_from(description);
            }
            *schema = only;
        }
    }
    match schema {
        RefOr::T(Schema::Object(object)) => plain_object(object),
        RefOr::T(Schema::Array(array)) => {
            without_null(&mut array.schema_type);
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                plain(items);
            }
        }
        _ => {}
    }
}

fn plain_object(object: &mut Object) {
    without_null(&mut object.schema_type);
    if matches!(object.schema_type, SchemaType::Type(Type::Integer | Type::Number)) {
        object.format = None;
    }
    object.properties.iter_mut().filter(|(name, _)| *name != NULLABLE).for_each(|(_, schema)| plain(schema));
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}

fn without_null(kind: &mut SchemaType) {
    if let SchemaType::Array(kinds) = kind {
        kinds.retain(|kind| *kind != Type::Null);
        if let [only] = kinds.as_slice() {
            *kind = SchemaType::Type(only.clone());
        }
    }
}
