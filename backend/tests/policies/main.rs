//! The policies that the program carries: what they must hold, how they resolve, and that a request of each can live.
//!
//! That they hold together is `datapass policies check`'s business; here, that none is missing anything.

mod facts;
mod files;
mod texts;

use datapass::policies::{Catalogue, Policies};

/// Every policy. Reading them checks them.
fn policies() -> std::sync::Arc<Catalogue> {
    Policies::open(None).unwrap_or_else(|error| panic!("{error:#}")).current()
}

#[test]
fn a_revision_changes_with_the_content_and_only_then() {
    let (first, second) = (policies(), policies());
    let mut seen = std::collections::BTreeSet::new();
    for (slug, policy) in first.iter() {
        assert_eq!(policy.revision.len(), 16);
        assert_eq!(second.get(slug).map(|other| &other.revision), Some(&policy.revision), "{slug}");
        assert!(seen.insert(policy.revision.clone()), "{slug}");
    }
}

#[test]
fn whatever_can_be_asked_for_has_a_topic() {
    for (slug, policy) in policies().iter().filter(|(_, policy)| policy.can_be_started()) {
        assert!(!policy.topics.is_empty(), "{slug}");
    }
}
