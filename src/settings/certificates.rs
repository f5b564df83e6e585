//! Whether a file holds certificate authorities: found out when settings are read, not at the first
//! connection.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// Checks the file.
///
/// # Errors
/// Says why it is of no use.
pub fn check(path: &str) -> Result<(), String> {
    let unreadable = |why: &dyn std::fmt::Display| format!("it cannot be read: {why}");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|why| unreadable(&why))? {
        let certificate = certificate.map_err(|why| unreadable(&why))?;
        roots.add(certificate).map_err(|why| format!("a certificate in it is of no use: {why}"))?;
    }
    if roots.is_empty() { Err("it holds no certificate".to_owned()) } else { Ok(()) }
}
