//! Every outgoing HTTP call. Clients know no database.

pub mod bucket;
pub mod mailjet;
pub mod oidc;
pub mod sirene;

use std::time::Duration;

/// A client with our rules for calls to others: time-outs, no redirects, our name.
///
/// # Errors
/// The system's root certificates cannot be read.
pub fn http() -> anyhow::Result<reqwest::Client> {
    // `reqwest` panics without a provider; a second installation only says that there is one.
    drop(rustls::crypto::ring::default_provider().install_default());
    Ok(reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(15))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("DataPass/", env!("CARGO_PKG_VERSION")))
        .build()?)
}
