//! Refused sign-ins, counted by account: those of ten minutes make one entry, so that strangers who guess cannot make the log
//! grow.
//!
//! They wait in memory until their ten minutes are over, or the server stops; a process that is killed loses them. With several
//! processes each makes an entry of its own. Only accounts that somebody has are counted, so there are no more than those.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{Duration, NaiveDateTime};
use shared::audit::Outcome;

use crate::connection::types::Name;
use crate::ids::UserId;
use crate::models::audit::NewEntry;

/// How long the refusals that make one entry may lie apart.
const WINDOW: Duration = Duration::minutes(10);

/// What the log calls them.
const ACTION: &str = "session.failed";

/// Those that wait, with the first of them and how many there were.
#[derive(Default)]
pub struct Refusals(Mutex<HashMap<UserId, (NaiveDateTime, i64)>>);

impl Refusals {
    /// Counts one of that user, now.
    pub fn count(&self, user: UserId, now: NaiveDateTime) {
        self.waiting().entry(user).or_insert((now, 0)).1 += 1;
    }

    /// Takes those whose ten minutes are over.
    pub fn take(&self, now: NaiveDateTime) -> Vec<NewEntry> {
        let mut waiting = self.waiting();
        waiting.extract_if(|_, (first, _)| now - *first >= WINDOW).map(|(user, counted)| entry(user, counted)).collect()
    }

    /// Takes them all: the server stops.
    pub fn take_all(&self) -> Vec<NewEntry> {
        self.waiting().drain().map(|(user, counted)| entry(user, counted)).collect()
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<UserId, (NaiveDateTime, i64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who tried, nobody knows: the entry is put under whose account it was.
fn entry(user: UserId, (first, times): (NaiveDateTime, i64)) -> NewEntry {
    NewEntry {
        at: first,
        actor_id: Some(user),
        administrator_id: None,
        action: ACTION.to_owned(),
        object: "user".to_owned(),
        object_id: user.to_string(),
        request_id: String::new(),
        outcome: Name(Outcome::Denied),
        times,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_of_ten_minutes_make_one_entry() {
        let refusals = Refusals::default();
        let start = chrono::DateTime::UNIX_EPOCH.naive_utc();
        let told = |entries: Vec<NewEntry>| {
            let mut told: Vec<(i64, i64, i64)> = entries
                .iter()
                .map(|entry| (entry.actor_id.unwrap().0, (entry.at - start).num_minutes(), entry.times))
                .collect();
            told.sort_unstable();
            told
        };
        for minute in 0..10 {
            refusals.count(UserId(1), start + Duration::minutes(minute));
        }
        refusals.count(UserId(2), start + Duration::minutes(5));
        assert_eq!(told(refusals.take(start + Duration::minutes(9))), []);
        assert_eq!(told(refusals.take(start + Duration::minutes(10))), [(1, 0, 10)]);
        refusals.count(UserId(1), start + Duration::minutes(11));
        assert_eq!(told(refusals.take_all()), [(1, 11, 1), (2, 5, 1)]);
        assert_eq!(told(refusals.take_all()), []);
    }
}
