//! Where insurers reach the gateway: the address that a flow hands out so that the insurer calls back.

use std::sync::{Arc, OnceLock};

/// The gateway's own address as insurers see it; known once it listens. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct FrontGate(Arc<OnceLock<String>>);

// === impl FrontGate ===

impl FrontGate {
    /// The gateway is reached at `base` from now on: `https://osago.example.ru`.
    pub fn stands_at(&self, base: &str) {
        // The first one stays: there is one gateway in a process.
        let _ = self.0.set(base.trim_end_matches('/').to_owned());
    }

    /// Where the calls of that insurer are taken; none before the gateway listens.
    pub fn callback_url(&self, insurer: &str) -> Option<String> {
        self.0.get().map(|base| format!("{base}/insurers/{insurer}/callback"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_insurers_address_is_known_once_the_gateway_listens() {
        let gate = FrontGate::default();
        assert_eq!(gate.callback_url("vsk"), None);
        gate.stands_at("https://osago.example.ru/");
        assert_eq!(gate.callback_url("vsk").unwrap(), "https://osago.example.ru/insurers/vsk/callback");
    }
}
