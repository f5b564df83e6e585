//! The TLS configuration of upstream connections: public roots plus the operator's own.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// Builds the client configuration. `extra_ca` is a PEM file of further roots (`EXTRA_CA_FILE`).
///
/// Only HTTP/1.1 is offered: pooled HTTP/2 connections of awc have no liveness check, so a dead
/// one fails two requests before it is dropped.
///
/// # Errors
/// When the file cannot be read or holds no certificate; the sentence names it.
pub fn client_config(extra_ca: Option<&Path>) -> anyhow::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = extra_ca {
        add_file(&mut roots, path)?;
    }
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> anyhow::Result<()> {
    let named = || format!("EXTRA_CA_FILE: {} is not a readable PEM file", path.display());
    let mut count = 0;
    for certificate in CertificateDer::pem_file_iter(path).with_context(named)? {
        roots.add(certificate.with_context(named)?).with_context(named)?;
        count += 1;
    }
    anyhow::ensure!(count > 0, "EXTRA_CA_FILE: {} holds no certificate", path.display());
    Ok(())
}
