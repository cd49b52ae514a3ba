//! Who is asking.
//!
//! A partner shows a bearer token or its client id and secret (HTTP Basic). What is shown is hashed and
//! compared with every credential of every account, in constant time and without leaving early, so the time
//! taken tells nothing about how close a guess was or which account it was close to. Only hashes are kept.

use std::sync::Arc;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// One partner account, as configured. It has no `Debug`: it holds secrets.
#[derive(Clone)]
pub struct Account {
    /// Its name, under which calculations are kept.
    pub name: String,
    /// The user name of HTTP Basic.
    pub client_id: String,
    /// The password of HTTP Basic.
    pub client_secret: String,
    /// Bearer tokens; several while one is being replaced.
    pub tokens: Vec<String>,
}

/// All partner accounts.
pub struct Accounts {
    known: Vec<Known>,
}

struct Known {
    name: Arc<str>,
    basic: Option<Secret>,
    tokens: Vec<Secret>,
}

type Secret = [u8; 32];

// === impl Accounts ===

impl Accounts {
    /// From the configuration. An empty secret or token opens nothing.
    pub fn new(accounts: impl IntoIterator<Item = Account>) -> Self {
        let known = |account: Account| {
            let basic = match account.client_id.is_empty() || account.client_secret.is_empty() {
                true => None,
                false => Some(hash(format!("{}:{}", account.client_id, account.client_secret).as_bytes())),
            };
            let tokens = account.tokens.iter().filter(|token| !token.is_empty());
            Known {
                name: account.name.as_str().into(),
                basic,
                tokens: tokens.map(|token| hash(token.as_bytes())).collect(),
            }
        };
        Self { known: accounts.into_iter().map(known).collect() }
    }

    /// The account whose credentials the request shows; none where it shows none, wrong ones or several.
    pub fn identify(&self, headers: &HeaderMap) -> Option<&Arc<str>> {
        let mut shown = headers.get_all(AUTHORIZATION);
        let credentials = Shown::read(shown.next()?.as_bytes())?;
        if shown.next().is_some() {
            return None;
        }
        self.matching(&credentials)
    }

    fn matching(&self, shown: &Shown) -> Option<&Arc<str>> {
        let mut found = Choice::from(0);
        let mut position = 0_u64;
        for (index, known) in (0_u64..).zip(&self.known) {
            let secrets: &[Secret] = match shown {
                Shown::Basic(_) => known.basic.as_slice(),
                Shown::Bearer(_) => &known.tokens,
            };
            let (Shown::Basic(shown) | Shown::Bearer(shown)) = shown;
            for secret in secrets {
                let same = secret.ct_eq(shown);
                position.conditional_assign(&index, same);
                found |= same;
            }
        }
        let account = self.known.get(usize::try_from(position).ok()?)?;
        bool::from(found).then_some(&account.name)
    }
}

/// The hash of what the request shows.
enum Shown {
    Basic(Secret),
    Bearer(Secret),
}

// === impl Shown ===

impl Shown {
    fn read(header: &[u8]) -> Option<Self> {
        let space = header.iter().position(|byte| *byte == b' ')?;
        let (scheme, rest) = header.split_at(space);
        let shown = rest.trim_ascii();
        if scheme.eq_ignore_ascii_case(b"bearer") {
            Some(Self::Bearer(hash(shown)))
        } else if scheme.eq_ignore_ascii_case(b"basic") {
            Some(Self::Basic(hash(&STANDARD.decode(shown).ok()?)))
        } else {
            None
        }
    }
}

fn hash(secret: &[u8]) -> Secret {
    Sha256::digest(secret).into()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn account(name: &str, tokens: &[&str]) -> Account {
        Account {
            name: name.into(),
            client_id: format!("{name}-id"),
            client_secret: format!("{name}:секрет"),
            tokens: tokens.iter().map(|token| (*token).into()).collect(),
        }
    }

    fn identify(headers: &[&str]) -> Option<String> {
        let accounts = Accounts::new([
            account("first", &["token-1", "token-2"]),
            account("second", &["token-3"]),
            Account { client_id: String::new(), ..account("closed", &[""]) },
        ]);
        let mut map = HeaderMap::new();
        for header in headers {
            map.append(AUTHORIZATION, HeaderValue::from_str(header).unwrap());
        }
        accounts.identify(&map).map(|name| name.to_string())
    }

    fn basic(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    #[test]
    fn tokens_and_secrets_open_their_own_account() {
        assert_eq!(identify(&["Bearer token-1"]).as_deref(), Some("first"));
        assert_eq!(identify(&["bearer   token-2 "]).as_deref(), Some("first"));
        assert_eq!(identify(&["BEARER token-3"]).as_deref(), Some("second"));
        assert_eq!(identify(&[&basic("first-id:first:секрет")]).as_deref(), Some("first"));
        assert_eq!(identify(&[&basic("second-id:second:секрет")]).as_deref(), Some("second"));
    }

    #[test]
    fn nothing_else_opens_anything() {
        let crossed = basic("first-id:second:секрет");
        let closed = basic(":closed:секрет");
        let token_as_basic = basic("token-1");
        for shown in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer token",
            "Bearer token-11",
            "Bearer token-1 token-2",
            "token-1",
            "Digest token-1",
            "Basic ",
            "Basic :",
            "Basic !!!",
            &crossed,
            &closed,
            &token_as_basic,
        ] {
            assert_eq!(identify(&[shown]), None, "{shown:?}");
        }
        assert_eq!(identify(&[]), None);
        assert_eq!(identify(&["Bearer token-1", "Bearer token-1"]), None);
    }
}
