//! The HTTP client of one account: its address, its token, one attempt.
//!
//! Redirects are not followed and no proxy of the environment is used, so the token goes where the
//! configuration says and nowhere else. It is marked as sensitive, and cut out of answers that are quoted.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, header};

use super::wire::{self, Answer, Heard};
use crate::{
    config::{ConfirmConfig, Secret},
    store::NewConfirmation,
    upstream::exchange,
};

/// Where one account's sales are confirmed.
pub(super) struct Partner {
    client: Client,
    url: url::Url,
    partner_id: String,
    token: Secret,
    timeout: Duration,
}

/// An answer that has arrived.
struct Reply {
    status: u16,
    content_type: String,
    asked: Option<Duration>,
    body: Vec<u8>,
}

/// A connection is there by then, or will not be.
const CONNECT: Duration = Duration::from_secs(5);
/// Below what servers keep idle connections for.
const IDLE: Duration = Duration::from_secs(20);
/// Bytes of an answer that are looked at.
const LOOKED_AT: usize = 64 << 10;

// === impl Partner ===

impl Partner {
    pub(super) fn new(config: &ConfirmConfig, timeout: Duration) -> Result<Self, String> {
        let mut authorization = header::HeaderValue::from_str(&format!("Bearer {}", config.token.reveal()))
            .map_err(|_| "`token` holds characters that cannot stand in a header")?;
        authorization.set_sensitive(true);
        let client = Client::builder()
            .connect_timeout(CONNECT.min(timeout))
            .timeout(timeout)
            .pool_idle_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .tcp_nodelay(true)
            .default_headers(header::HeaderMap::from_iter([(header::AUTHORIZATION, authorization)]))
            .user_agent(concat!("veer/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| format!("the HTTP client could not be built: {}", error.without_url()))?;
        Ok(Self {
            client,
            url: config.url.clone(),
            partner_id: config.partner_id.clone(),
            token: config.token.clone(),
            timeout,
        })
    }

    /// Confirms one sale by GET.
    pub(super) async fn confirm(&self, sale: &NewConfirmation) -> Answer {
        let request = self.client.get(wire::address(&self.url, &self.partner_id, sale));
        self.answer(request, Some(sale.offer.request_id)).await
    }

    /// Confirms several by one POST.
    pub(super) async fn confirm_all(&self, sales: impl Iterator<Item = &NewConfirmation>) -> Answer {
        match wire::body(&self.partner_id, sales) {
            Ok(body) => {
                let request = self.client.post(self.url.clone()).body(body);
                self.answer(request.header(header::CONTENT_TYPE, "application/json"), None).await
            }
            Err(error) => Answer::Refused(format!("the sale cannot be written: {error}")),
        }
    }

    async fn answer(&self, request: RequestBuilder, sent: Option<uuid::Uuid>) -> Answer {
        match exchange(request).await {
            Ok(Reply { status, content_type, asked, body }) => {
                let heard = Heard { status, content_type: &content_type, asked, body: &body };
                self.mask(wire::judge(heard, sent))
            }
            Err(error) if error.is_timeout() => {
                let problem = format!("the partner did not answer within {:?}", self.timeout);
                Answer::Failed { problem, asked: None }
            }
            Err(error) => {
                let problem = format!("the partner could not be asked: {}", exchange::cause(&error));
                Answer::Failed { problem, asked: None }
            }
        }
    }

    /// Without the token, should the partner quote it.
    fn mask(&self, answer: Answer) -> Answer {
        let mask = |problem: String| problem.replace(self.token.reveal(), "…");
        match answer {
            Answer::Confirmed => Answer::Confirmed,
            Answer::Refused(problem) => Answer::Refused(mask(problem)),
            Answer::Failed { problem, asked } => Answer::Failed { problem: mask(problem), asked },
        }
    }
}

/// Sends it once; reads what is looked at of the answer.
async fn exchange(request: RequestBuilder) -> Result<Reply, reqwest::Error> {
    let mut response = request.send().await?;
    let told = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let asked = told(header::RETRY_AFTER).and_then(exchange::retry_after);
    let content_type = told(header::CONTENT_TYPE).unwrap_or_default().to_owned();
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while body.len() < LOOKED_AT
        && let Some(chunk) = response.chunk().await?
    {
        body.extend_from_slice(&chunk[..chunk.len().min(LOOKED_AT - body.len())]);
    }
    Ok(Reply { status, content_type, asked, body })
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;
    use crate::{config::ConfirmMethod, store::OfferKey};

    const TOKEN: &str = "issued-once";

    fn config(url: &str) -> ConfirmConfig {
        ConfirmConfig {
            url: url.parse().unwrap(),
            partner_id: "42".into(),
            token: Secret::new(TOKEN),
            method: ConfirmMethod::Get,
        }
    }

    fn sale() -> NewConfirmation {
        let offer = OfferKey { account: "demo".into(), request_id: uuid::Uuid::nil(), offer_id: "o".into() };
        NewConfirmation {
            offer,
            insurer: "alfastrah".into(),
            counterparty_id: 7,
            amount_kopecks: 100,
            is_upsaled: false,
            paid: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    /// Confirms a sale to a partner that answers `answer` to whatever comes; what it got, and what was
    /// understood.
    async fn confirmed_to(answer: String) -> (String, Answer) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/confirm", listener.local_addr().unwrap());
        let served = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut got = Vec::new();
            while !got.ends_with(b"\r\n\r\n") {
                let mut more = [0; 4096];
                let read = socket.read(&mut more).await.unwrap();
                assert!(read > 0, "the call ends in its head");
                got.extend_from_slice(&more[..read]);
            }
            // Whoever has read enough may leave.
            let _ = socket.write_all(answer.as_bytes()).await;
            String::from_utf8(got).unwrap()
        });
        let partner = Partner::new(&config(&url), Duration::from_secs(30)).unwrap();
        let understood = partner.confirm(&sale()).await;
        (served.await.unwrap(), understood)
    }

    #[tokio::test]
    async fn the_token_is_sent_and_never_quoted() {
        let body = format!("wrong token {TOKEN}");
        let answer = format!("HTTP/1.1 403 Forbidden\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let (got, understood) = confirmed_to(answer).await;
        assert!(got.starts_with("GET /confirm?amount=1&"), "{got}");
        assert!(got.contains(&format!("authorization: Bearer {TOKEN}\r\n")), "{got}");
        let problem = "the partner answered 403: wrong token …".to_owned();
        assert_eq!(understood, Answer::Failed { problem, asked: None });
    }

    #[tokio::test]
    async fn redirects_are_not_followed() {
        // Were it followed, nobody would accept the second call.
        let answer = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
        let (_, understood) = confirmed_to(answer.into()).await;
        let problem = "the partner answered 302; redirects are not followed".to_owned();
        assert_eq!(understood, Answer::Failed { problem, asked: None });
    }

    #[tokio::test]
    async fn a_partner_may_ask_to_be_left_alone() {
        let answer = "HTTP/1.1 429 Slow down\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n";
        let (_, understood) = confirmed_to(answer.into()).await;
        let asked = Some(Duration::from_secs(120));
        assert_eq!(understood, Answer::Failed { problem: "the partner answered 429".into(), asked });
    }

    #[tokio::test]
    async fn of_an_endless_answer_only_the_beginning_is_read() {
        // The rest of what is announced never comes.
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n{}", "x".repeat(LOOKED_AT));
        let (_, understood) = confirmed_to(answer).await;
        let Answer::Failed { problem, asked: None } = &understood else { panic!("{understood:?}") };
        assert!(
            problem.starts_with("the partner answered 200, but not with a JSON object: xxx"),
            "{problem}"
        );
    }

    #[tokio::test]
    async fn a_page_of_a_proxy_confirms_nothing() {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Type:";
        let (_, understood) = confirmed_to(format!("{head} text/html; charset=utf-8\r\n\r\nLog in")).await;
        let problem = "the partner answered 200 with a page: Log in".to_owned();
        assert_eq!(understood, Answer::Failed { problem, asked: None });
        let (_, understood) = confirmed_to(format!("{head} application/json\r\n\r\n{{    }}")).await;
        assert_eq!(understood, Answer::Confirmed);
    }

    #[test]
    fn a_token_that_cannot_be_sent_is_told_without_itself() {
        let mut config = config("https://partner.example/confirm");
        config.token = Secret::new("two\nlines");
        let problem = Partner::new(&config, Duration::from_secs(1)).err().unwrap();
        assert!(problem.contains("`token`") && !problem.contains("lines"), "{problem}");
    }
}
