//! Where webhooks may lie: what others have chosen does not lead us to machines that only we reach.

use datapass::outbound::networks::{NOT_ALLOWED, Networks};
use datapass::outbound::webhook::{Call, Client as WebhookClient};

use super::receiver::Receiver;

/// A name that leads elsewhere each time.
struct Rebinding(std::sync::Mutex<Vec<std::net::SocketAddr>>);

impl reqwest::dns::Resolve for Rebinding {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let address = self.0.lock().unwrap().pop().unwrap();
        Box::pin(async move { Ok(Box::new(std::iter::once(address)) as reqwest::dns::Addrs) })
    }
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_not_called() {
    let receiver = Receiver::start(&[]).await;
    let private = receiver.url.trim_start_matches("http://").trim_end_matches("/").parse().unwrap();
    let call = |url: &'static str| Call {
        url,
        id: "1",
        timestamp: 0,
        body: "{}",
        secret: "whsec_AAAA",
        previous_secret: None,
    };
    // The first time the name leads to a network that the operator allows, where nobody answers; the second time here.
    let elsewhere = "127.1.2.3:9".parse().unwrap();
    let resolver = Rebinding(std::sync::Mutex::new(vec![private, elsewhere]));
    let networks = Networks::new(vec!["127.1.2.0/24".parse().unwrap()]);
    let client = WebhookClient::with_resolver(networks, std::sync::Arc::new(resolver)).unwrap();
    let first = client.post(call("https://datapass.test/")).await.unwrap_err();
    let second = client.post(call("https://datapass.test/")).await.unwrap_err();
    assert_ne!(first, NOT_ALLOWED);
    assert_eq!(second, NOT_ALLOWED);
    // The system's own names, too.
    let client = WebhookClient::new(Networks::default()).unwrap();
    assert!(client.post(call("https://localhost/")).await.unwrap_err().contains(NOT_ALLOWED));
    assert!(client.post(call("https://127.0.0.1/")).await.unwrap_err().contains(NOT_ALLOWED));
    assert!(receiver.sent().is_empty());
}
