//! An S3-compatible store, through the same HTTP client as every other call.

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{HttpClient, HttpConnector};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use std::time::Duration;

use crate::config::Bucket;

/// Gives the store our client; its own would bring another TLS.
#[derive(Debug)]
struct OurClient(reqwest::Client);

impl HttpConnector for OurClient {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}

/// A client for that bucket. Nothing is sent yet.
///
/// # Errors
/// The HTTP client cannot be made, or the address cannot be used.
pub fn open(bucket: &Bucket) -> anyhow::Result<AmazonS3> {
    // Somebody waits: after some seconds they had better be told.
    let retry = RetryConfig {
        backoff: BackoffConfig { max_backoff: Duration::from_secs(1), ..BackoffConfig::default() },
        max_retries: 3,
        retry_timeout: Duration::from_secs(20),
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.name)
        .with_region(&bucket.region)
        .with_access_key_id(&bucket.access_key_id)
        .with_secret_access_key(&bucket.secret_access_key)
        .with_allow_http(true)
        .with_retry(retry)
        .with_http_connector(OurClient(super::http()?));
    if let Some(endpoint) = &bucket.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    Ok(builder.build()?)
}
