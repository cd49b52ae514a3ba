//! What an insurer is called on its pages and papers.

use crate::company::Company;

// === impl Company ===

impl Company {
    /// Its name as people read it; an alias has its number behind it.
    pub(crate) fn name(&self) -> String {
        self.numbered(self.wire.names().0)
    }

    /// The same in Latin letters.
    pub(crate) fn latin_name(&self) -> String {
        self.numbered(self.wire.names().1)
    }

    fn numbered(&self, name: &str) -> String {
        let number = self.code.split_once('-').map_or("", |(_, number)| number);
        format!("{name} {number}").trim_end().to_owned()
    }
}
