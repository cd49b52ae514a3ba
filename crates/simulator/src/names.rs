//! What an insurer is called on its pages and papers.

use crate::{Wire, company::Company};

// === impl Company ===

impl Company {
    /// Its name as people read it; an alias has its number behind it.
    pub(crate) fn name(&self) -> String {
        self.numbered(match self.wire {
            Wire::Alfastrah => "АльфаСтрахование",
            Wire::Ingosstrakh => "Ингосстрах",
            Wire::Renessans => "Ренессанс Страхование",
            Wire::Avtocod => "Автокод",
        })
    }

    /// The same in Latin letters.
    pub(crate) fn latin_name(&self) -> String {
        self.numbered(match self.wire {
            Wire::Alfastrah => "AlfaStrakhovanie",
            Wire::Ingosstrakh => "Ingosstrakh",
            Wire::Renessans => "Renessans Strakhovanie",
            Wire::Avtocod => "Avtocod",
        })
    }

    fn numbered(&self, name: &str) -> String {
        let number = self.code.split_once('-').map_or("", |(_, number)| number);
        format!("{name} {number}").trim_end().to_owned()
    }
}
