//! `GetDicti`: the tree of vehicles. Counted from the tree's root, categories are on the fourth level,
//! makes on the fifth, models on the sixth; what the three levels above are called is not public.

use std::fmt::Write;

use actix_web::HttpResponse;
use quick_xml::escape::escape;
use veer_contract::domain::VehicleCategory;

use super::{Insurer, agreement::CATEGORIES, soap::Request};
use crate::{
    Outcome,
    dictionary::{self, Dictionary},
    exchange::{Exchange, Operation},
};

pub(super) const GET_DICTI: Operation = Operation::lists("GetDicti");

/// The nodes of vehicles that no agreement takes; their real numbers are not public.
const TRAILERS: (&str, &str) = ("E - прицепы", "8248");
const TRACTORS: (&str, &str) = ("Тракторы", "8249");

pub(super) async fn answer(this: &Insurer, request: &Request) -> HttpResponse {
    let exchange = Exchange::take(&this.company, &GET_DICTI, None);
    exchange.answer(Outcome::Answered, request.success(&tree(this.company.dictionary()))).await
}

fn tree(dictionary: Dictionary) -> String {
    let mut tree = String::from("<Dicti><Product><ModelList>");
    let brands = dictionary.brands();
    for category in dictionary::CATEGORIES {
        let (name, isn) = node(category);
        // Writing to a string does not fail.
        let _ = write!(tree, "<MODEL NAME=\"{name}\" ISN=\"{isn}\">");
        for brand in &brands {
            let mut models = brand.entries.iter().filter(|entry| entry.category == category).peekable();
            if models.peek().is_none() {
                continue;
            }
            let _ = write!(tree, "<MODEL NAME=\"{}\" ISN=\"{}\">", escape(brand.name), brand.number);
            for entry in models {
                let _ = write!(tree, "<MODEL NAME=\"{}\" ISN=\"{}\"/>", escape(entry.model), entry.isn);
            }
            tree.push_str("</MODEL>");
        }
        tree.push_str("</MODEL>");
    }
    tree + "</ModelList></Product></Dicti>"
}

/// Name and number of a category's node.
fn node(category: Option<VehicleCategory>) -> (String, &'static str) {
    let taken = CATEGORIES.into_iter().find(|(known, _)| Some(*known) == category);
    match taken {
        Some((letter, isn)) => (letter.letter().to_string(), isn),
        None if category.is_some() => (TRAILERS.0.to_owned(), TRAILERS.1),
        None => (TRACTORS.0.to_owned(), TRACTORS.1),
    }
}
