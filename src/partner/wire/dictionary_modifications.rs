//! The dictionary's modifications of one model, year and power.

use serde::Serialize;
use utoipa::ToSchema;

use crate::dictionary::catalogue::Modification;

/// The modifications of one model, year and power, by name.
#[derive(Serialize, ToSchema)]
pub struct ModificationsAnswer<'a> {
    /// The modifications.
    #[schema(inline)]
    pub modifications: Vec<ListedModification<'a>>,
}

/// A modification in a list.
#[derive(Serialize, ToSchema)]
pub struct ListedModification<'a> {
    /// Its id: the same number as the string modification_id elsewhere.
    pub id: u32,
    /// Its name.
    #[schema(examples("2.4 Luxe, Седан, Автоматическая, Бензин, дверей 4, мест 5"))]
    pub name: &'a str,
}

// === impl ListedModification ===

impl<'a> From<&'a Modification> for ListedModification<'a> {
    fn from(modification: &'a Modification) -> Self {
        Self { id: modification.id.0, name: &modification.name }
    }
}
