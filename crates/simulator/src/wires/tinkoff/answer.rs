//! The service's answers: `Header/resultInfo`, then what is wrong with single fields, then what was asked for.

use quick_xml::escape::escape;

use crate::{
    exchange::Reply,
    wires::ingosstrakh::soap::{Request, envelope},
};

/// The answer with `data`, which is XML already.
pub(super) fn success(request: &Request, data: &str) -> Reply {
    response(&request.operation, request.namespace.as_deref(), None, &[], data)
}

/// The answer that says no.
pub(super) fn refusal(request: &Request, words: &str) -> Reply {
    response(&request.operation, request.namespace.as_deref(), Some(words), &[], "")
}

/// The answer that names every wrong field.
pub(super) fn mistakes(request: &Request, mistakes: &[String]) -> Reply {
    response(&request.operation, request.namespace.as_deref(), Some("Ошибка проверки данных"), mistakes, "")
}

/// A response of the service; `words` make it a no.
pub(super) fn response(
    method: &str,
    namespace: Option<&str>,
    words: Option<&str>,
    mistakes: &[String],
    data: &str,
) -> Reply {
    let namespace = namespace.map(|uri| format!(" xmlns=\"{}\"", escape(uri))).unwrap_or_default();
    let method = escape(method);
    let result = match words {
        None => "<status>OK</status>".to_owned(),
        Some(words) => {
            format!("<status>ERROR</status><errorInfo><descr>{}</descr></errorInfo>", escape(words))
        }
    };
    let mistake = |(code, text): (usize, &String)| {
        format!("<validInfo><description>{};{code}</description></validInfo>", escape(text.as_str()))
    };
    let mistakes: String = (1001..).zip(mistakes).map(mistake).collect();
    Reply::xml(
        200,
        envelope(&format!(
            "<{method}Response{namespace}><Header><resultInfo>{result}</resultInfo></Header>{mistakes}{data}\
             </{method}Response>"
        )),
    )
}
