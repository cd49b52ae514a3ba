//! Which of a page's codings a caller gets.
//!
//! The one it likes best; among equals the one that makes the smallest body. A caller that says nothing gets
//! the page as it is, and so does one that likes nothing that is there: the contract knows no 406.

use actix_web::{
    HttpRequest,
    http::header::{AcceptEncoding, ContentEncoding, Encoding, Header, Preference, Quality},
};

use crate::dictionary::answers::Coding;

/// The best of those that are `offered`, the smallest first; none for the page as it is.
pub fn choose(request: &HttpRequest, offered: impl DoubleEndedIterator<Item = Coding>) -> Option<Coding> {
    let accepted = AcceptEncoding::parse(request).ok().filter(|accepted| !accepted.is_empty())?;
    let liked = offered.filter_map(|coding| Some((quality(&accepted, known(coding))?, coding)));
    // The last of the best, from the largest to the smallest, is the smallest.
    let (best, coding) =
        liked.filter(|(quality, _)| *quality > Quality::ZERO).rev().max_by_key(|(it, _)| *it)?;
    // Where it is not named, it is good enough and never better.
    let plain = quality(&accepted, ContentEncoding::Identity);
    plain.is_none_or(|plain| plain <= best).then_some(coding)
}

fn quality(accepted: &AcceptEncoding, coding: ContentEncoding) -> Option<Quality> {
    let is = |preference: &Preference<Encoding>| matches!(preference, Preference::Specific(Encoding::Known(known)) if *known == coding);
    let named = accepted.iter().find(|accepted| is(&accepted.item));
    let any = || accepted.iter().find(|accepted| accepted.item == Preference::Any);
    named.or_else(any).map(|accepted| accepted.quality)
}

fn known(coding: Coding) -> ContentEncoding {
    match coding {
        Coding::Zstd => ContentEncoding::Zstd,
        Coding::Brotli => ContentEncoding::Brotli,
        Coding::Gzip => ContentEncoding::Gzip,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header::ACCEPT_ENCODING, test::TestRequest};

    use super::*;

    fn chosen(accepted: &str) -> &'static str {
        let request = TestRequest::default().insert_header((ACCEPT_ENCODING, accepted)).to_http_request();
        let offered = [Coding::Brotli, Coding::Zstd, Coding::Gzip];
        choose(&request, offered.into_iter()).map_or("identity", Coding::name)
    }

    #[test]
    fn the_best_liked_and_then_the_smallest_is_sent() {
        for (accepted, expected) in [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip, zstd", "zstd"),
            ("gzip;q=1.0, zstd;q=0.8, br;q=0.9", "gzip"),
            ("GZIP", "gzip"),
            ("*", "br"),
            ("br;q=0, *", "zstd"),
            ("gzip;q=0.1, *;q=0.5", "br"),
            ("gzip;q=0.5, identity;q=0.1", "gzip"),
            ("identity;q=0, gzip", "gzip"),
            ("identity;q=0, *", "br"),
            ("br;q=0.5, identity;q=0.5", "br"),
        ] {
            assert_eq!(chosen(accepted), expected, "{accepted}");
        }
    }

    #[test]
    fn who_likes_nothing_that_is_there_gets_it_as_it_is() {
        for accepted in [
            "",
            "identity",
            "deflate",
            "gzip;q=0",
            "*;q=0",
            "identity;q=0",
            "identity, gzip;q=0.5",
            "some, nonsense;;q=x",
        ] {
            assert_eq!(chosen(accepted), "identity", "{accepted}");
        }
        let silent = TestRequest::default().to_http_request();
        assert_eq!(choose(&silent, Coding::ALL.into_iter()), None);
        let nothing = TestRequest::default().insert_header((ACCEPT_ENCODING, "gzip")).to_http_request();
        assert_eq!(choose(&nothing, std::iter::empty()), None);
    }
}
