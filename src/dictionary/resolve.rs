//! Which entry a request's vehicle is: its ids say so, and where they say nothing, its names.

use veer_contract::domain::{InsurerVehicle, Vehicle};

use super::{
    Published,
    catalogue::{Entry, EntryId},
    matching::{How, SURE},
    names::fold,
};

/// What decided which vehicle it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The model's id.
    Id,
    /// The names: the id is unknown.
    Names,
    /// The model's id, while the names are another model's.
    Contradiction,
    /// Nothing: neither id nor names are known.
    Nothing,
}

/// Which entry a vehicle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolved {
    /// Its brand, where that is known.
    pub brand: Option<EntryId>,
    /// Its model, where that is known.
    pub model: Option<EntryId>,
    /// What said so.
    pub by: By,
}

// === impl By ===

impl By {
    /// Every one.
    pub const ALL: [By; 4] = [By::Id, By::Names, By::Contradiction, By::Nothing];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            By::Id => "id",
            By::Names => "names",
            By::Contradiction => "contradiction",
            By::Nothing => "nothing",
        }
    }
}

// === impl Published ===

impl Published {
    /// Which entry `vehicle` is.
    pub fn resolve(&self, vehicle: &Vehicle) -> Resolved {
        if let Some((brand, model)) = self.model(&vehicle.model.id) {
            return Resolved { brand: Some(brand), model: Some(model), by: By::Id };
        }
        let named = self.by_names(vehicle);
        let brand = || vehicle.brand.id.parse().ok().and_then(|id| self.catalogue.brand(id)).map(|it| it.id);
        match named.and_then(|entry| self.catalogue.entry(entry)) {
            Some(Entry::Model(brand, model)) => {
                Resolved { brand: Some(brand.id), model: Some(model.id), by: By::Names }
            }
            _ => {
                let brand = brand().or_else(|| self.matcher.brand(&vehicle.brand.name));
                Resolved { brand, model: None, by: By::Nothing }
            }
        }
    }

    /// What decides, and whether the names contradict the id.
    pub fn resolve_closely(&self, vehicle: &Vehicle) -> By {
        let resolved = self.resolve(vehicle);
        let (By::Id, Some(model)) = (resolved.by, resolved.model) else { return resolved.by };
        let Some((_, entry)) = self.catalogue.model(model) else { return resolved.by };
        let name = fold(&vehicle.model.name);
        if entry.names().any(|known| fold(known) == name) {
            return By::Id;
        }
        match self.by_names(vehicle) {
            Some(named) if named != model => By::Contradiction,
            _ => By::Id,
        }
    }

    /// The model that the names mean, where that is beyond doubt. Likeness is not enough here: nobody looks
    /// at it before an insurer is asked.
    fn by_names(&self, vehicle: &Vehicle) -> Option<EntryId> {
        let meant = |brand: &str, model: &str| {
            let row = InsurerVehicle {
                brand: brand.to_owned(),
                model: model.to_owned(),
                category: Some(vehicle.category()),
                ..InsurerVehicle::default()
            };
            let best = self.matcher.candidates(&row).into_iter().next()?;
            let sure = best.how != How::Fuzzy && best.confidence >= SURE;
            Some(best.entry).filter(|_| sure)
        };
        meant(&vehicle.brand.name, &vehicle.model.name).or_else(|| {
            let brand = vehicle.brand.name_ru.as_deref().unwrap_or(&vehicle.brand.name);
            meant(brand, vehicle.model.name_ru.as_deref()?)
        })
    }

    /// The model with that id, and its brand, as they are now.
    fn model(&self, id: &str) -> Option<(EntryId, EntryId)> {
        let (brand, model) = self.catalogue.model(id.parse().ok()?)?;
        Some((brand.id, model.id))
    }
}
