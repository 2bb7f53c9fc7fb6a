//! Limits on what is done at once: so many for each key – a person, an address –, and so many in all. Kept in memory: each
//! process has its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A limit by key and in all.
pub struct ConcurrencyLimit<K: Ord> {
    per_key: usize,
    total: usize,
    in_progress: Mutex<BTreeMap<K, usize>>,
}

/// Which limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitReached {
    /// That of the key.
    PerKey,
    /// That of all together.
    Total,
}

impl<K: Ord + Clone> ConcurrencyLimit<K> {
    /// So many for each key, so many in all.
    pub fn new(per_key: usize, total: usize) -> Arc<Self> {
        Arc::new(Self { per_key, total, in_progress: Mutex::default() })
    }

    /// A permit for one more, until it is dropped.
    ///
    /// # Errors
    /// A limit is reached.
    pub fn try_acquire(self: &Arc<Self>, key: K) -> Result<Permit<K>, LimitReached> {
        let mut in_progress = self.in_progress();
        if in_progress.get(&key).is_some_and(|count| *count >= self.per_key) {
            return Err(LimitReached::PerKey);
        }
        if in_progress.values().sum::<usize>() >= self.total {
            return Err(LimitReached::Total);
        }
        *in_progress.entry(key.clone()).or_default() += 1;
        drop(in_progress);
        Ok(Permit { limit: self.clone(), key })
    }

    fn in_progress(&self) -> MutexGuard<'_, BTreeMap<K, usize>> {
        self.in_progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of what is in progress.
pub struct Permit<K: Ord + Clone> {
    limit: Arc<ConcurrencyLimit<K>>,
    key: K,
}

impl<K: Ord + Clone> Drop for Permit<K> {
    fn drop(&mut self) {
        let mut in_progress = self.limit.in_progress();
        if let Some(count) = in_progress.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                in_progress.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permit_is_free_again_once_it_is_dropped() {
        let limit = ConcurrencyLimit::new(2, 3);
        let one = limit.try_acquire("a").ok();
        let two = limit.try_acquire("a").ok();
        assert!(one.is_some() && two.is_some());
        assert_eq!(limit.try_acquire("a").err(), Some(LimitReached::PerKey));
        let three = limit.try_acquire("b").ok();
        assert_eq!(limit.try_acquire("c").err(), Some(LimitReached::Total));
        drop(one);
        assert!(limit.try_acquire("c").is_ok());
        drop((two, three));
        assert!(limit.in_progress().is_empty());
    }
}
