//! Signing a body as it leaves, for insurers that want that.

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::{HeaderName, HeaderValue};
use sha2::Sha256;
use veer_contract::manifest::{Signature, SignatureEncoding};

use super::{error::CallError, request::Request};

/// Signs the body of `request`, its slots filled, with `key`, as the manifest says.
pub(super) fn sign(request: &mut Request, how: Option<&Signature>, key: &str) -> Result<(), CallError> {
    let unsendable = |what: &str| CallError::Unsendable(format!("the call is to be signed, but {what}"));
    let how = how.ok_or_else(|| unsendable("the manifest has no [signature]"))?;
    if key.is_empty() {
        return Err(unsendable(&format!("the setting `{}` holds no key", how.secret)));
    }
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|_| unsendable("its key is unfit"))?;
    mac.update(&request.body);
    let digest = mac.finalize().into_bytes();
    let text = match how.encoding {
        SignatureEncoding::Hex => digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        SignatureEncoding::Base64 => base64::engine::general_purpose::STANDARD.encode(digest),
    };
    let name = HeaderName::from_bytes(how.header.as_bytes());
    let name = name.map_err(|_| unsendable("its header's name is no token"))?;
    let value = HeaderValue::from_str(&text).map_err(|_| unsendable("its value fits no header"))?;
    request.headers.insert(name, value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use url::Url;
    use veer_contract::{
        Body, Call, Effect, Lane, Method,
        slot::{self, Slot},
    };

    use super::*;
    use crate::upstream::request::Secrets;

    struct Known;

    impl Secrets for Known {
        fn value(&self, slot: Slot<'_>) -> Option<String> {
            (slot == Slot::Secret("word")).then(|| "nothing".to_owned())
        }
    }

    /// The text of RFC 4231, test case 2, of which a word stands in a slot.
    fn request() -> Request {
        let text = format!("what do ya want for {}?", slot::secret("word"));
        let call = Call::new("t", Lane::Create, Effect::Read, Method::Post, "x").with_body(Body::Json(text));
        Request::build(&call, &Url::parse("http://127.0.0.1:9/").unwrap(), &Known).unwrap()
    }

    fn how(encoding: SignatureEncoding) -> Signature {
        Signature { header: "x-sign".into(), secret: "key".into(), encoding }
    }

    fn signed(encoding: SignatureEncoding) -> String {
        let mut request = request();
        sign(&mut request, Some(&how(encoding)), "Jefe").unwrap();
        request.headers["x-sign"].to_str().unwrap().to_owned()
    }

    #[test]
    fn the_signature_is_of_the_body_as_it_leaves() {
        assert_eq!(
            signed(SignatureEncoding::Hex),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(signed(SignatureEncoding::Base64), "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
    }

    #[test]
    fn without_a_key_nothing_leaves() {
        for (how, key, expected) in [
            (None, "k", "the manifest has no [signature]"),
            (Some(how(SignatureEncoding::Hex)), "", "the setting `key` holds no key"),
            (Some(Signature { header: "no token".into(), ..how(SignatureEncoding::Hex) }), "k", "no token"),
        ] {
            let told = sign(&mut request(), how.as_ref(), key).unwrap_err().to_string();
            assert!(told.contains(expected), "{told}");
        }
    }
}
