//! How a wire's vehicle dictionary is written.

/// The peculiarities of one dictionary; names that differ stand in `data/vehicles.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Writing {
    /// Brands and models in capitals.
    pub(crate) capitals: bool,
    /// Brands and models have numbers; without, the words are the codes.
    pub(crate) numbered: bool,
    /// Numbers of brands and models are of one kind, the brand's a round one.
    pub(crate) one_numbering: bool,
    /// Listed category by category.
    pub(crate) by_category: bool,
    /// Every brand has a row for the models that are not listed.
    pub(crate) others: bool,
    /// A model has a number for each run of years of production; only the categories A to D are listed.
    pub(crate) by_year: bool,
}

// === impl Writing ===

impl Writing {
    /// Plain names with numbers, brand by brand.
    pub(crate) const PLAIN: Writing = Writing {
        capitals: false,
        numbered: true,
        one_numbering: false,
        by_category: false,
        others: false,
        by_year: false,
    };
}
