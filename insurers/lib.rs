//! The insurers: one folder each, and nothing of an insurer anywhere else.
//!
//! | in every folder | what it is |
//! |---|---|
//! | `README.md` | who it is, how the wire is spoken, how the facts are known |
//! | `manifest.toml` | what it claims: operations, scope, lanes with default limits, settings |
//! | `mod.rs` | the [`Adapter`]: which operations there are |
//! | `quote.rs`, `finalise.rs`, `confirm.rs`, `payment.rs`, `draft.rs`, `policy.rs`, `vehicles.rs`, … | one conversation each |
//! | `callback.rs` | the insurer's own call, where it makes any |
//! | `request.rs`, `reply.rs` | how a request is written and a reply is read |
//! | `fixtures/<operation>/<what it shows>.toml` | conversations that the kit replays |
//!
//! A new folder is registered by its one line in `register!`, at its sorted place: `rust` where it has a `mod.rs`,
//! `spec` where it has an `insurer.toml` instead. A test holds lines and folders together. What
//! several insurers share is in `veer-wire`, which knows no insurer; here it is at the root, as `crate::loose::Loose`.

use veer_contract::Adapter;

#[macro_use]
mod register;

use veer_wire::{
    brand_by_brand, codes, coefficients, cross_sales, dictionary, issue, loose, number, payment_page, pdf,
    plain_id, policy_number, registry, required, soap, written, xml,
};

register! {
    rust alfastrah;
    rust avtocod;
    spec elmarket;
    rust ingosstrakh;
    spec obrazets;
    rust renessans;
    rust soglasie;
    rust tinkoff;
    rust vsk;
    rust vsk_bus;
}

/// The insurer with that code.
pub fn find(code: &str) -> Option<&'static dyn Adapter> {
    all().iter().copied().find(|adapter| adapter.manifest().code == code)
}

/// Reads a manifest that was compiled in.
fn manifest(text: &str) -> veer_contract::Manifest {
    #[expect(clippy::expect_used, reason = "the text is part of the binary, and a test reads every one")]
    toml::from_str(text).expect("a compiled-in manifest is well formed")
}

/// Compiles a spec that was compiled in.
fn spec(code: &str, manifest: &str, spec: &str) -> veer_spec::Spec {
    veer_spec::Spec::compile(manifest, spec).unwrap_or_else(|problems| {
        let lines: String = problems.0.iter().map(|problem| format!("\ninsurers/{code}/{problem}")).collect();
        #[expect(clippy::panic, reason = "the texts are part of the binary, and a test compiles every one")]
        {
            panic!("the spec of `{code}` does not compile:{lines}")
        }
    })
}
