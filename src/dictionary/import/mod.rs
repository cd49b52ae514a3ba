//! Taking in an insurer's dictionary.

mod changes;
mod report;
mod sheet;

pub use changes::Changes;
pub use report::{ImportReport, Listed, MappingCounts};
pub use sheet::{
    InsurerSheetProblems, ends as ends_of_years, read as read_sheet, read_many as read_sheets,
    write as write_sheet,
};
