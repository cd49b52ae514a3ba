//! `GetDicti`: the tree of vehicles. Counted from the tree's root, categories are on the fourth level,
//! makes on the fifth, models on the sixth; what the three levels above are called is not public.

use std::fmt::Write;

use actix_web::HttpResponse;
use quick_xml::escape::escape;

use super::{Insurer, agreement::CATEGORIES, soap::Request};
use crate::{
    Outcome, dictionary,
    exchange::{Exchange, Operation},
};

const GET_DICTI: Operation =
    Operation { name: "GetDicti", creates: false, faults: false, waits: false, sale: false };

pub(super) async fn answer(this: &Insurer, request: &Request) -> HttpResponse {
    let exchange = Exchange::take(&this.company, &GET_DICTI, None);
    exchange.answer(Outcome::Answered, request.success(&tree())).await
}

fn tree() -> String {
    let mut tree = String::from("<Dicti><Product><ModelList>");
    for (category, code) in CATEGORIES {
        let of_category = || dictionary::all().iter().filter(move |known| known.category == category);
        if of_category().next().is_none() {
            continue;
        }
        // Writing to a string does not fail.
        let _ = write!(tree, "<MODEL NAME=\"{}\" ISN=\"{code}\">", category.letter());
        for brand in dictionary::brands() {
            let mut models = of_category().filter(|known| known.brand == brand).peekable();
            let Some(first) = models.peek() else { continue };
            let _ = write!(tree, "<MODEL NAME=\"{}\" ISN=\"{}\">", escape(brand), first.isn / 100 * 100);
            for known in models {
                let _ = write!(tree, "<MODEL NAME=\"{}\" ISN=\"{}\"/>", escape(known.model), known.isn);
            }
            tree.push_str("</MODEL>");
        }
        tree.push_str("</MODEL>");
    }
    tree + "</ModelList></Product></Dicti>"
}
