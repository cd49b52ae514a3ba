//! An answer that is the same for everybody.
//!
//! A caller that shows the name of the copy it has is told that it is still good. Caches may keep a copy as
//! long as they ask each time: when the dictionary changes, everybody is to see it at once.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETag, EntityTag, Header as _, HeaderValue,
            IfNoneMatch, VARY,
        },
    },
};

use super::{coding, correlation::CorrelationId};
use crate::dictionary::answers::Page;

/// The page in the coding that the caller likes best, or the word that its copy is good.
pub fn answer(request: &HttpRequest, correlation: CorrelationId, page: &Page) -> HttpResponse {
    let coding = coding::choose(request, page.codings());
    let tag = EntityTag::new_strong(page.tag(coding));
    let is_known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut answer = correlation.answer(if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    answer
        .insert_header(ETag(tag))
        .insert_header((VARY, HeaderValue::from_static("Accept-Encoding")))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-cache")));
    if is_known {
        return answer.finish();
    }
    answer.insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json")));
    if let Some(coding) = coding {
        answer.insert_header((CONTENT_ENCODING, HeaderValue::from_static(coding.name())));
    }
    answer.body(page.body(coding).clone())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use actix_web::{
        body::MessageBody,
        http::header::{ACCEPT_ENCODING, ETAG, IF_NONE_MATCH},
        test::TestRequest,
    };

    use super::*;
    use crate::dictionary::{
        answers::{Answers, Coding, Question},
        catalogue::{Catalogue, Records, Sheets},
    };

    /// A page that is worth packing.
    fn page() -> Page {
        let brands: String = (1..100).map(|id| format!("{id},Brand {id},,,\n")).collect();
        let brands = format!("brand_id,name,name_ru,also,merged_into\n{brands}");
        let records = Records::read(&Sheets { brands, ..Sheets::default() }).unwrap();
        let answers = Answers::new(Arc::new(Catalogue::build(&records, 2026).unwrap()));
        answers.page(&Question::Brands { category: None }).unwrap()
    }

    fn answered(page: &Page, accepted: &str, known: &str) -> HttpResponse {
        let mut request = TestRequest::default().insert_header((ACCEPT_ENCODING, accepted));
        if !known.is_empty() {
            request = request.insert_header((IF_NONE_MATCH, known));
        }
        let request = request.to_http_request();
        answer(&request, CorrelationId::of(&request), page)
    }

    fn header(answer: &HttpResponse, name: impl AsRef<str>) -> String {
        answer.headers().get(name.as_ref()).map_or("", |value| value.to_str().unwrap()).to_owned()
    }

    #[test]
    fn each_coding_has_its_own_bytes_and_name() {
        let page = page();
        let mut tags = Vec::new();
        for coding in [None, Some(Coding::Zstd), Some(Coding::Brotli), Some(Coding::Gzip)] {
            let name = coding.map_or("", Coding::name);
            let answer = answered(&page, name, "");
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(header(&answer, CONTENT_ENCODING), name);
            assert_eq!(header(&answer, CONTENT_TYPE), "application/json");
            assert_eq!(header(&answer, VARY), "Accept-Encoding");
            assert_eq!(header(&answer, CACHE_CONTROL), "no-cache");
            assert!(!header(&answer, "x-request-id").is_empty());
            tags.push(header(&answer, ETAG));
            assert_eq!(answer.into_body().try_into_bytes().unwrap(), page.body(coding));
        }
        let bare = tags[0].trim_matches('"').to_owned();
        let expected = ["", "-zstd", "-br", "-gzip"].map(|coding| format!("\"{bare}{coding}\""));
        assert_eq!(tags, expected);
    }

    #[test]
    fn a_copy_that_is_still_good_is_not_sent_again() {
        let page = page();
        let tag = header(&answered(&page, "br", ""), ETAG);
        for known in [&*tag, "*", &format!("W/{tag}"), &format!("\"a,b\", \"other\" , {tag}")] {
            let answer = answered(&page, "br", known);
            assert_eq!(answer.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(
                (header(&answer, ETAG), header(&answer, VARY)),
                (tag.clone(), "Accept-Encoding".into())
            );
            assert_eq!(header(&answer, CACHE_CONTROL), "no-cache");
            assert!(!header(&answer, "x-request-id").is_empty());
            assert!(answer.into_body().try_into_bytes().unwrap().is_empty());
        }
        for known in ["\"other\"", tag.trim_matches('"'), "nonsense", &tag.replace("-br", "")] {
            assert_eq!(answered(&page, "br", known).status(), StatusCode::OK, "{known}");
        }
        // What is good packed is another copy plain.
        assert_eq!(answered(&page, "identity", &tag).status(), StatusCode::OK);
    }
}
