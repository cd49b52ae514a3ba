//! TLS for an insurer that only lets callers with a certificate in.
//!
//! An authority, the server's certificate and one client's are made anew at every start and live as long as the
//! simulation: nothing secret is kept, and nobody else's certificate is good. A caller without one gets a TLS alert.

use std::{io, net::SocketAddr, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::{
    RootCertStore, ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer, server::WebPkiClientVerifier,
};

/// What a caller needs to be let in. Invented, like all credentials here.
#[derive(Clone)]
pub struct ClientTls {
    /// The authority that vouches for the server, in PEM.
    pub ca_pem: String,
    /// The client's certificate and its key behind it, in PEM.
    pub identity_pem: String,
}

/// The server's side for that address and name, and the client's.
pub(crate) fn mutual(address: SocketAddr, host: Option<&str>) -> io::Result<(ServerConfig, ClientTls)> {
    let mut authority = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    let key = key()?;
    let ca = authority.self_signed(&key).map_err(io::Error::other)?;
    let issuer = Issuer::new(authority, key);

    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), address.ip().to_string()];
    names.extend(host.map(str::to_owned));
    let (server, server_key) = leaf(names, ExtendedKeyUsagePurpose::ServerAuth, &issuer)?;
    let (client, client_key) =
        leaf(vec!["veer.example".to_owned()], ExtendedKeyUsagePurpose::ClientAuth, &issuer)?;

    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(ca.der().clone()).map_err(io::Error::other)?;
    let callers = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(io::Error::other)?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_client_cert_verifier(callers)
        .with_single_cert(
            vec![server.der().clone()],
            PrivatePkcs8KeyDer::from(server_key.serialize_der()).into(),
        )
        .map_err(io::Error::other)?;
    let identity_pem = client.pem() + &client_key.serialize_pem();
    Ok((config, ClientTls { ca_pem: ca.pem(), identity_pem }))
}

fn leaf(
    names: Vec<String>,
    usage: ExtendedKeyUsagePurpose,
    issuer: &Issuer<'_, KeyPair>,
) -> io::Result<(rcgen::Certificate, KeyPair)> {
    let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
    params.extended_key_usages = vec![usage];
    let key = key()?;
    let certificate = params.signed_by(&key, issuer).map_err(io::Error::other)?;
    Ok((certificate, key))
}

fn key() -> io::Result<KeyPair> {
    KeyPair::generate().map_err(io::Error::other)
}

impl std::fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientTls(…)")
    }
}
