//! How a file is asked for.

use utoipa::ToSchema;

use crate::partner::fields::Choice;

/// How a file is answered: inside the JSON, or as itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case", default = "base64")]
pub enum FileFormat {
    /// In the JSON, as a data URL.
    #[default]
    Base64,
    /// The PDF itself.
    Binary,
}

impl Choice for FileFormat {
    const WORDS: &'static [(&'static str, Self)] = &[("base64", Self::Base64), ("binary", Self::Binary)];
}
