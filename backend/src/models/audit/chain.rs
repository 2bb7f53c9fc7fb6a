//! How entries of the audit log hang together: each hash holds the one before it. Pure.

use sha2::{Digest as _, Sha256};

use crate::models::audit::StoredEntry;

/// How times are written: as exactly as both engines keep them.
const TIME: &str = "%Y-%m-%dT%H:%M:%S%.6fZ";

/// The hash of an entry in that place of the chain, in hexadecimal. Nothing is before the first: `previous` is empty.
pub fn hash(previous: &str, sequence: i64, entry: &StoredEntry) -> String {
    // JSON keeps what is in one member apart from what is in the next.
    let mut canonical = serde_json::json!([
        sequence,
        entry.id,
        entry.at.format(TIME).to_string(),
        entry.actor_id,
        entry.administrator_id,
        entry.action,
        entry.object,
        entry.object_id,
        entry.request_id,
        entry.outcome.0,
    ]);
    // What was sealed before entries had a count has none.
    if let Some(members) = canonical.as_array_mut().filter(|_| entry.times != 1) {
        members.push(entry.times.into());
    }
    let digest = Sha256::new().chain_update(previous).chain_update(canonical.to_string()).finalize();
    base16ct::lower::encode_string(&digest)
}

#[cfg(test)]
mod tests {
    use shared::audit::Outcome;

    use super::*;
    use crate::connection::types::Name;
    use crate::ids::UserId;

    #[test]
    fn every_member_counts_and_so_does_what_was_before() {
        let entry = StoredEntry {
            id: 1,
            at: chrono::DateTime::UNIX_EPOCH.naive_utc(),
            actor_id: Some(UserId(1)),
            administrator_id: None,
            action: "enrollment.show".to_owned(),
            object: "enrollment".to_owned(),
            object_id: "42".to_owned(),
            request_id: String::new(),
            outcome: Name(Outcome::Done),
            sequence: None,
            hash: None,
            times: 1,
        };
        // What was once written must be readable for ever.
        let first = hash("", 1, &entry);
        assert_eq!(first, "3ab7666a2c85aec3416449c06be7682ce900498363546f670b3fa41547caf332");
        let others = [
            StoredEntry { id: 2, ..entry.clone() },
            StoredEntry { at: entry.at + chrono::Duration::microseconds(1), ..entry.clone() },
            StoredEntry { actor_id: None, administrator_id: Some(UserId(1)), ..entry.clone() },
            StoredEntry { action: "enrollment.showenrollment".to_owned(), object: String::new(), ..entry.clone() },
            StoredEntry { object_id: "4".to_owned(), request_id: "2".to_owned(), ..entry.clone() },
            StoredEntry { outcome: Name(Outcome::Denied), ..entry.clone() },
            StoredEntry { times: 2, ..entry.clone() },
        ];
        for other in &others {
            assert_ne!(hash("", 1, other), first, "{other:?}");
        }
        assert_ne!(hash("", 2, &entry), first);
        assert_ne!(hash("x", 1, &entry), first);
    }
}
