//! What is known at load of the values that a spec's expressions will see.

use std::{collections::BTreeMap, sync::Arc};

/// The shape of a value.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    /// Anything: a part of a reply.
    Any,
    /// A text.
    Text,
    /// A number.
    Number,
    /// An amount in kopecks.
    Kopecks,
    /// A truth.
    Truth,
    /// `none`.
    Null,
    /// A place that the host fills with a secret: written, joined, and nothing else.
    Slot,
    /// A list.
    List(Arc<Shape>),
    /// Named parts, and no others.
    Parts(Arc<Parts>),
    /// It may be absent.
    Maybe(Arc<Shape>),
}

/// Named parts.
#[derive(Debug)]
pub(crate) struct Parts {
    /// What they are parts of, for filters that want a person or an address.
    pub(crate) what: &'static str,
    /// The parts.
    pub(crate) fields: BTreeMap<String, Shape>,
}

/// The names that an expression sees, and why others are not there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    /// What is there.
    pub(crate) known: BTreeMap<&'static str, Shape>,
    /// What is there under a name of the spec's own.
    pub(crate) own: BTreeMap<String, Shape>,
    /// Names that are there elsewhere, with the reason why not here.
    pub(crate) elsewhere: BTreeMap<&'static str, &'static str>,
}

// === impl Names ===

impl Names {
    /// The shape of what is there under `name`.
    pub(crate) fn find(&self, name: &str) -> Option<&Shape> {
        self.known.get(name).or_else(|| self.own.get(name))
    }

    /// Every name that is there.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.known.keys().copied().chain(self.own.keys().map(String::as_str))
    }
}

// === impl Shape ===

impl Shape {
    /// Named parts.
    pub(crate) fn parts(
        what: &'static str,
        fields: impl IntoIterator<Item = (impl Into<String>, Shape)>,
    ) -> Self {
        let fields = fields.into_iter().map(|(name, shape)| (name.into(), shape)).collect();
        Self::Parts(Arc::new(Parts { what, fields }))
    }

    /// A list of those.
    pub(crate) fn list(of: Shape) -> Self {
        Self::List(Arc::new(of))
    }

    /// The same, which may be absent.
    #[must_use]
    pub(crate) fn maybe(self) -> Self {
        match self {
            Self::Maybe(_) | Self::Any => self,
            sure => Self::Maybe(Arc::new(sure)),
        }
    }

    /// The same, certainly there.
    pub(crate) fn sure(&self) -> &Shape {
        match self {
            Self::Maybe(inner) => inner,
            other => other,
        }
    }

    /// Whether it may be absent.
    pub(crate) fn may_be_absent(&self) -> bool {
        matches!(self, Self::Maybe(_) | Self::Any)
    }

    /// Whether `<` compares it.
    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Number | Self::Kopecks)
    }

    /// Whether it can be written as text.
    pub(crate) fn is_scalar(&self) -> bool {
        matches!(
            self.sure(),
            Self::Any | Self::Text | Self::Number | Self::Kopecks | Self::Truth | Self::Slot
        )
    }

    /// What it is, in words.
    pub(crate) fn words(&self) -> &'static str {
        match self.sure() {
            Self::Any => "a value",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Kopecks => "an amount in kopecks",
            Self::Truth => "a truth",
            Self::Null => "nothing",
            Self::Slot => "a slot",
            Self::List(_) => "a list",
            Self::Parts(_) | Self::Maybe(_) => "a table",
        }
    }
}
